import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { findings } from './support/axe.ts';
import { plant, SMALL } from './support/corpus.ts';
import { makeVault, OfflinePage, PASSPHRASE } from './support/offline.ts';
import { answerPicker } from './support/profile.ts';
import { program, runProgram } from './support/programs.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { inZip, missingInZip, treeOfZip } from './support/zip.ts';

test('restore.html, opened from disk, gives a vault back bit for bit out of a folder and out of a ZIP, and reaches no network', async ({ world }) => {
  const [source, vault, downloads] = [world.path('tree'), world.path('vault'), world.makeFolder('downloads')];
  plant(source, SMALL);
  const expected = below('tree', await treeOf(source));
  const phrase = await makeVault(world, vault, source);
  const profile = await world.profile('offline');
  const page = await OfflinePage.open(profile);

  await test.step('what is no vault, and what does not open it, is said with what to do', async () => {
    await page.at('folder').setInputFiles(source);
    await expect(page.at('failure')).toContainText('Choose the folder that holds the folders pack, index, snap and slot');
    await page.chooseFolder(vault);
    await page.at('phrase').fill(phrase.replace(/^\w+/, 'zoo'));
    await page.at('open').click();
    await expect(page.at('failure')).toBeVisible();
    await page.unlockByPassphrase('not the passphrase');
    await expect(page.at('failure')).toContainText('passphrase');
    await page.at('way-phrase').check();
  });
  await test.step('a folder, by the recovery phrase, as a ZIP', async () => {
    await page.unlockByPhrase(`  ${phrase.toUpperCase()} `);
    expect(await findings(profile.page)).toEqual([]);
    const zip = await page.download(page.at('restore-zip'), downloads);
    expect(missingInZip(expected, zip)).toEqual([]);
    await expect(page.at('report')).toContainText('Every byte was verified.');
  });
  await test.step('one file, from the folder that it is in', async () => {
    await page.row('tree').getByRole('button').click();
    const file = await page.download(page.row('video.bin').getByRole('button', { name: 'Restore' }), downloads);
    expect(readFileSync(file).equals(readFileSync(path.join(source, 'video.bin')))).toBe(true);
  });
  await test.step('what is selected, into a folder', async () => {
    const target = world.makeFolder('target');
    await answerPicker(profile, target);
    await page.row('media').getByRole('checkbox').check();
    await page.row('zeros.img').getByRole('checkbox').check();
    await expect(page.at('selection')).toContainText('2 selected');
    await page.at('restore-folder').click();
    await page.at('report').waitFor();
    const chosen = new Map([...expected].filter(([name]) => name === 'tree' || /^tree\/(media|zeros\.img)/.test(name)));
    expect(differences(chosen, await treeOf(target))).toEqual([]);
  });
  await test.step('a ZIP, by the passphrase', async () => {
    const zip = world.path('vault.zip');
    const packed = await runProgram(program('STRONGROOM_PYTHON'), ['-m', 'zipfile', '-c', zip, vault]);
    expect(packed, packed.stderr).toMatchObject({ code: 0 });
    await profile.page.reload();
    await page.chooseZip(zip);
    await page.unlockByPassphrase(PASSPHRASE);
    await page.at('browser').waitFor();
    expect(missingInZip(expected, await page.download(page.at('restore-zip'), downloads))).toEqual([]);
  });
  page.expectAlone();
  await test.step('its policy lets nothing out, and no script in', async () => {
    let reached = 0;
    const outside = createServer((_, answer) => { reached++; answer.end(); });
    await new Promise<void>((ready) => outside.listen(0, '127.0.0.1', ready));
    world.atEnd(async () => void outside.close());
    const refused = await profile.page.evaluate(async (url) => {
      const attempts: [string, () => unknown][] = [
        ['fetch', () => fetch(url)],
        ['picture', () => new Promise((resolve, reject) => Object.assign(new Image(), { onload: resolve, onerror: reject, src: `${url}a.png` }))],
        ['eval', () => (0, eval)('1')],
        ['markup', () => { document.createElement('div').innerHTML = '<b>'; }],
        ['worker', () => new Worker('data:text/javascript,')],
      ];
      const names: string[] = [];
      for (const [name, attempt] of attempts) await Promise.resolve().then(attempt).catch(() => names.push(name));
      return names;
    }, `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`);
    expect(refused).toEqual(['fetch', 'picture', 'eval', 'markup', 'worker']);
    expect(reached).toBe(0);
    await expect.poll(() => profile.violations.length).toBeGreaterThan(refused.length - 2);
    profile.violations.length = 0;
  });
});

test('restore.html gives the rest of a copy back when one of its packs is damaged and another part is missing, and names what it cannot', async ({ world }) => {
  const [source, vault, downloads] = [world.path('tree'), world.path('vault'), world.makeFolder('downloads')];
  plant(source, { ...SMALL, media: 16, big: 30_000_000 });
  const expected = below('tree', await treeOf(source));
  const phrase = await makeVault(world, vault, source);
  const packs = readdirSync(vault).flatMap((id) => readdirSync(path.join(vault, id, 'pack')).map((name) => path.join(vault, id, 'pack', name)));
  const full = packs.filter((file) => statSync(file).size === 16 << 20).sort();
  expect(full.length).toBeGreaterThan(1);
  const bytes = readFileSync(full[0]!);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0x10, bytes.length >> 1);
  writeFileSync(full[0]!, bytes);
  const copy = world.makeFolder('copy');
  cpSync(vault, copy, { recursive: true, filter: (file) => file !== full[1] });

  const page = await OfflinePage.open(await world.profile('offline'));
  await page.chooseFolder(copy);
  await page.unlockByPhrase(phrase);
  const zip = await page.download(page.at('restore-zip'), downloads);
  const damaged = await page.damaged();
  expect(damaged.length).toBeGreaterThan(1);
  const given = treeOfZip(zip, { unread: damaged.map(inZip) });
  for (const [name, leaf] of expected) {
    if (!damaged.includes(name)) expect(given.get(inZip(name))?.sha256, name).toBe(leaf.sha256);
  }
  await expect(page.at('report')).toContainText('Copy those objects again from the storage');

  const treeless = world.makeFolder('treeless');
  cpSync(vault, treeless, { recursive: true, filter: (file) => !packs.includes(file) });
  await page.profile.page.reload();
  await page.chooseFolder(treeless);
  await page.unlockByPhrase(phrase);
  await expect(page.at('failure')).toContainText('missing');
  await expect(page.at('browser')).not.toContainText('empty');
  page.expectAlone();
});
