import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { plant, SMALL } from './support/corpus.ts';
import { firefoxWith } from './support/engine/firefox.ts';
import { of, Visit } from './support/engine/visit.ts';
import { webkit } from './support/engine/webkit.ts';
import { listening } from './support/listening.ts';
import { attempts, makeVault, packVault, PASSPHRASE, RESTORE_PAGE } from './support/offline.ts';
import { LONG } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

/** WebKitGTK hands over nothing that is dropped, and lets no worker of a page from disk read: there the page's own thread does. */
for (const { engine, drops } of [{ engine: firefoxWith({}), drops: true }, { engine: webkit, drops: false }]) {
  test(`${engine.name} opens restore.html from disk, and it gives a vault back bit for bit out of a folder by the phrase and out of a ZIP by the passphrase, and reaches no network`, async ({ world }) => {
    const [source, vault] = [world.path('tree'), world.path('vault')];
    // More than one pack.
    plant(source, { ...SMALL, big: 20_000_000 });
    const expected = below('tree', await treeOf(source));
    const phrase = await makeVault(world, vault, source);
    const zipped = await packVault(world, vault);
    const tab = await engine.open(world, 'offline');
    const page = new Visit(tab, pathToFileURL(RESTORE_PAGE).href);
    const open = async (): Promise<void> => {
      await tab.goto(page.url);
      await page.until(() => page.count('zone'), 1);
    };

    await test.step('what a drop gives', async () => {
      await open();
      await tab.drop(of('zone'), [vault]);
      await outcome(page, drops ? 'unlock' : 'failure');
      if (!drops) expect(await page.text('failure')).toContain('Choose it by one of the buttons instead');
    });
    await test.step('a folder by its dialogue, the recovery phrase, a ZIP', async () => {
      await open();
      await tab.choose(`label:has(${of('folder')})`, [vault]);
      await outcome(page, 'unlock');
      await page.fill('phrase', phrase.replace(/^\w+/, 'zoo'));
      await page.click('open');
      await outcome(page, 'failure');
      await page.fill('phrase', phrase);
      await page.click('open');
      await outcome(page, 'browser');
      // It cannot write into a folder.
      expect(await page.count('restore-folder')).toBe(0);
      expect(missingInZip(expected, await saved(page, of('restore-zip')))).toEqual([]);
      expect(await page.text('report')).toContain('Every byte was verified.');
    });
    await test.step('a ZIP by its dialogue, the passphrase, one file', async () => {
      await open();
      await tab.choose(`label:has(${of('zip')})`, [zipped]);
      await outcome(page, 'unlock');
      await tab.click(`label:has(${of('way-passphrase')})`);
      await page.until(() => page.count('passphrase'), 1);
      await page.fill('passphrase', PASSPHRASE);
      await page.click('open');
      await outcome(page, 'browser');
      await tab.click('li[data-name="tree"] .name-button');
      await page.until(() => tab.evaluate(() => document.querySelectorAll('li[data-name="video.bin"]').length, null), 1);
      const file = await saved(page, 'li[data-name="video.bin"] .quiet');
      expect(path.basename(file)).toBe('video.bin');
      expect(readFileSync(file).equals(readFileSync(path.join(source, 'video.bin')))).toBe(true);
    });
    expect(tab.complaints).toEqual([]);
    await test.step('its policy lets nothing out, and no script in', async () => {
      const outside = await listening(world);
      const came = await tab.evaluate(attempts, outside.url);
      expect(Object.keys(came)).toEqual(expect.arrayContaining(['fetch', 'picture', 'socket', 'eval', 'worker']));
      expect(Object.entries(came).filter(([, what]) => what !== 'refused')).toEqual([]);
      expect(outside.heard).toEqual([]);
    });
  });
}

/** Waits until this part of the page is there and nothing is at work any more; fails at once, with the page's own sentence, where it failed instead. */
async function outcome(page: Visit, part: string): Promise<void> {
  const now = async (): Promise<string> => {
    if (await page.count('busy') > 0) return 'busy';
    return await page.count(part) > 0 ? part : `nothing: ${await page.text('failure')}`;
  };
  await expect.poll(now, { timeout: LONG }).not.toMatch(/^(busy|nothing: )$/);
  expect(await now()).toBe(part);
}

/** Restores into one file, which the browser has saved then. */
async function saved(page: Visit, button: string): Promise<string> {
  const before = (await page.tab.downloads()).length;
  await page.tab.click(button);
  await outcome(page, 'report');
  await expect.poll(async () => (await page.tab.downloads()).length, { timeout: LONG }).toBe(before + 1);
  return (await page.tab.downloads()).at(-1)!;
}
