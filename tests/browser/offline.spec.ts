import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findings } from './support/axe.ts';
import { plant, SMALL } from './support/corpus.ts';
import { listening } from './support/listening.ts';
import { attempts, makeVault, OfflinePage, packVault, PASSPHRASE } from './support/offline.ts';
import { answerPicker } from './support/profile.ts';
import { TOP } from './support/programs.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { inZip, missingInZip, treeOfZip } from './support/zip.ts';

/** Of tests/vectors/old-vault, as far as it is read here. */
interface Manifest { recovery_phrase: string; snapshots: { entries: { path?: string; size?: number; sha256?: string }[] }[] }

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
  await test.step('called off while the disk takes nothing more, and whole the next time', async () => {
    await profile.page.evaluate(fillDisk);
    await page.at('restore-zip').click();
    await profile.page.waitForFunction(() => (window as unknown as { disk?: string }).disk === 'full');
    await page.at('cancel').click();
    await expect(page.at('failure')).toHaveText('This was cancelled.');
    await profile.page.waitForFunction(() => (window as unknown as { disk?: string }).disk === 'let go');
    await expect(page.at('report')).toHaveCount(0);
    await profile.page.evaluate(() => { delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker; });
    expect(missingInZip(expected, await page.download(page.at('restore-zip'), downloads))).toEqual([]);
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
    const zip = await packVault(world, vault);
    await profile.page.reload();
    await page.chooseZip(zip);
    await page.unlockByPassphrase(PASSPHRASE);
    await page.at('browser').waitFor();
    expect(missingInZip(expected, await page.download(page.at('restore-zip'), downloads))).toEqual([]);
  });
  await test.step('a vault of the first program', async () => {
    const old = path.join(TOP, 'tests/vectors/old-vault');
    const manifest = JSON.parse(readFileSync(path.join(old, 'manifest.json'), 'utf8')) as Manifest;
    await profile.page.reload();
    await page.chooseFolder(old);
    await page.unlockByPhrase(manifest.recovery_phrase);
    const given = treeOfZip(await page.download(page.at('restore-zip'), downloads));
    const entries = manifest.snapshots.at(-1)!.entries;
    expect(given.size).toBe(entries.length);
    // A ZIP cannot have a name that is no Unicode.
    for (const { path: name, size, sha256 } of entries) {
      if (name !== undefined && sha256 !== undefined) expect(given.get(inZip(name)), name).toMatchObject({ size, sha256 });
    }
  });
  page.expectAlone();
  await test.step('its policy lets nothing out, and no script in', async () => {
    const outside = await listening(world);
    const came = await profile.page.evaluate(attempts, outside.url);
    expect(came).toEqual({ fetch: 'refused', picture: 'refused', socket: 'refused', eval: 'refused', worker: 'refused', markup: 'refused' });
    expect(outside.heard).toEqual([]);
    await expect.poll(() => profile.violations.length).toBeGreaterThan(Object.keys(came).length - 2);
    profile.violations.length = 0;
  });
});

test('restore.html gives the rest of a copy back when one of its packs is damaged and another part is missing, and names what it cannot', async ({ world }) => {
  const [source, vault, downloads] = [world.path('tree'), world.path('vault'), world.makeFolder('downloads')];
  // No file is as large as a pack: a full one that is missing has parts of several.
  plant(source, { ...SMALL, media: 30 });
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

/** In the page: a save dialogue whose file takes one part and then no more, until it is let go. */
function fillDisk(): void {
  const page = window as unknown as { disk?: string; showSaveFilePicker?: unknown };
  let parts = 0;
  page.showSaveFilePicker = async () => ({
    createWritable: async () => new WritableStream({
      write: (_, { signal }) => (parts++ === 0 ? undefined : new Promise<void>((_, failed) => {
        page.disk = 'full';
        signal.addEventListener('abort', () => failed(signal.reason));
      })),
      abort: () => { page.disk = 'let go'; },
    }),
  });
}
