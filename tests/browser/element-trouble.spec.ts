import { copyFileSync, cpSync, renameSync } from 'node:fs';
import path from 'node:path';

import type { Page } from '@playwright/test';

import { plant, plantFile } from './support/corpus.ts';
import { embedder } from './support/embedder.ts';
import { screenLocks, stays, watchScreen } from './support/leaving.ts';
import { Objects } from './support/objects.ts';
import { drop } from './support/profile.ts';
import { TOP } from './support/programs.ts';
import { listen, told } from './support/told.ts';
import { below, treeOf } from './support/tree.ts';
import { isWell } from './support/well.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';
/** What an app keeps in a folder of its own. */
const MOVED = { vaultWorker: '/moved/vault-worker.js', vaultWasm: '/moved/vault.wasm', courierWorker: '/moved/courier.js', courierWasm: '/moved/courier.wasm' };

test('elements whose files lie elsewhere open a vault by its phrase, call a backup and a restore off, pause them and go on, keep the tab and the screen meanwhile, and name damage and a storage that was set back', async ({ world }) => {
  const source = world.path('Holiday');
  plant(source, { small: 20, media: 1, big: 2_000_000, zeros: 100_000 });
  const first = below('Holiday', await treeOf(source));
  const profile = await embedder(world);
  const { page } = profile;
  const { port } = new URL(page.url());
  copyFileSync(path.join(TOP, 'tests/examples/element.html'), world.path('www', 'element.html'));
  for (const file of Object.values(MOVED)) renameSync(world.path('www', path.basename(file)), world.path('www', file));
  const serve = () => world.server({ www: world.path('www'), port: Number(port) });
  const proxy = await world.proxy(new URL(page.url()).origin);
  await listen(page);
  await watchScreen(page);
  const open = async (): Promise<void> => {
    await page.goto(`${proxy.url}/element.html`);
    await page.evaluate((assets) => { document.querySelector('strongroom-vault')!.assets = assets; }, MOVED);
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const row = (stage: string) => page.locator('strongroom-backup .stage').getByText(stage);
  const begin = async (): Promise<void> => {
    await drop(profile, page.locator('strongroom-backup'), [source]);
    await expect(page.locator('.plan[data-whole=true]')).toBeVisible();
    proxy.fate = ({ method }) => (method === 'PUT' ? { status: 503 } : 'pass');
    await button('Back up now').click();
    await expect(row('Waiting for the storage')).toBeVisible({ timeout: 60_000 });
  };
  const zip = async (): Promise<string> => {
    const downloading = page.waitForEvent('download');
    await button('Download as ZIP').click();
    const download = await downloading;
    const file = world.path('downloads', download.suggestedFilename());
    await download.saveAs(file);
    await expect(page.locator('strongroom-restore .report')).toBeVisible();
    return file;
  };

  await test.step('the phrase, as it was written down', async () => {
    await open();
    const phrase = await create(page, { assets: MOVED, passphrase: PASSPHRASE });
    await page.getByRole('radio', { name: 'Recovery phrase' }).check();
    await page.getByLabel('Name of the vault').fill('trouble');
    const typed = page.getByRole('textbox', { name: 'Recovery phrase' });
    await typed.fill(phrase.slice(0, 23).join(' '));
    await button('Unlock').click();
    await expect(page.getByRole('alert')).toContainText('not a recovery phrase', { timeout: 60_000 });
    await typed.fill(phrase.map((word, at) => `${at + 1}. ${word.toUpperCase()}`).join(',\n'));
    await button('Unlock').click();
    await expect(page.getByRole('heading', { name: 'Vault trouble' })).toBeFocused({ timeout: 60_000 });
  });

  await test.step('called off, then whole', async () => {
    await begin();
    await stays(page);
    await expect.poll(() => screenLocks(page)).toBe(1);
    await button('Cancel').click();
    await expect(button('Choose a folder')).toBeVisible();
    await expect.poll(() => screenLocks(page)).toBe(0);
    await expect(page.getByRole('alert')).toHaveCount(0);
    proxy.fate = () => 'pass';
    await drop(profile, page.locator('strongroom-backup'), [source]);
    await button('Back up now').click();
    await expect(page.getByText('Backed up: everything is in the vault.')).toBeFocused({ timeout: 60_000 });
    await button('Close').click();
    expect(await told(page)).toEqual([['strongroom-error', 'bad_phrase'], ['strongroom-unlocked', false], ['strongroom-backed-up', expect.any(Number)]]);
  });

  await world.stopServers();
  cpSync(world.data, world.path('older'), { recursive: true });
  await serve();

  await test.step('paused, while a restore goes its way, and on', async () => {
    plantFile(path.join(source, 'video.bin'), 40_000_000, 'longer');
    await begin();
    await button('Pause').click();
    await expect(row('Paused')).toBeVisible();
    const before = proxy.record.length;
    proxy.fate = () => 'pass';
    // At rest it writes down what is stored, and no snapshot.
    const stored = (kind: string): number => proxy.record.slice(before).filter(({ method, url, status }) => method === 'PUT' && url.includes(`/${kind}/`) && status === 200).length;
    await expect.poll(() => stored('index'), { timeout: 60_000 }).toBeGreaterThan(0);
    await isWell(page);
    expect(missingInZip(first, await zip())).toEqual([]);
    await button('Close').click();
    await expect(row('Paused')).toBeVisible();
    expect(stored('snap')).toBe(0);
    await button('Go on').click();
    await expect(page.getByText('Backed up: everything is in the vault.')).toBeFocused({ timeout: 60_000 });
    expect(stored('snap')).toBe(1);
    await button('Close').click();
    await expect.poll(() => screenLocks(page)).toBe(0);
  });

  await test.step('a restore: paused, and on; called off, and done anew', async () => {
    const restore = page.locator('strongroom-restore');
    const fetched = (): number => proxy.record.filter(({ method, url }) => method === 'GET' && url.includes('/pack/')).length;
    /** Begins one whose first pack is on its way until it is let go. */
    const held = async (): Promise<() => void> => {
      let go = (): void => undefined;
      const until = new Promise<void>((done) => { go = done; });
      const asked = new Promise<void>((done) => {
        proxy.fate = ({ method, url }) => {
          if (method !== 'GET' || !url.includes('/pack/')) return 'pass';
          done();
          return { until };
        };
      });
      await button('Download as ZIP').click();
      await asked;
      return () => {
        proxy.fate = () => 'pass';
        go();
      };
    };
    const downloading = page.waitForEvent('download');
    let letGo = await held();
    await stays(page);
    await expect.poll(() => screenLocks(page)).toBe(1);
    await restore.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(restore.locator('.stage')).toContainText('Paused');
    const before = fetched();
    letGo();
    // What was on its way comes; nothing else is asked for.
    await isWell(page);
    await expect(restore.locator('.stage')).toContainText('Paused');
    expect(fetched()).toBe(before);
    await restore.getByRole('button', { name: 'Go on', exact: true }).click();
    const download = await downloading;
    const file = world.path('downloads', 'paused.zip');
    await download.saveAs(file);
    await expect(restore.locator('.report')).toHaveAttribute('data-outcome', 'whole');
    expect(missingInZip(below('Holiday', await treeOf(source)), file)).toEqual([]);
    await button('Close').click();

    letGo = await held();
    await restore.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(button('Download as ZIP')).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect.poll(() => screenLocks(page)).toBe(0);
    letGo();
    await zip();
    await expect(restore.locator('.report')).toHaveAttribute('data-outcome', 'whole');
    await button('Close').click();
  });

  await test.step('damage', async () => {
    const objects = new Objects(world.data);
    const [full] = objects.names('pack').filter((name) => objects.size('pack', name) === 16 << 20);
    const mend = objects.flip('pack', full!, (length) => length >> 1);
    await zip();
    const report = page.locator('strongroom-restore .report');
    await expect(report).toHaveAttribute('data-outcome', 'partial');
    await expect(report).toContainText('Restored what is whole. 1 part is damaged.');
    await expect(report.locator('li')).toHaveAttribute('data-code', 'damaged');
    await expect(report.locator('li .path')).toHaveText('Holiday/video.bin');
    await isWell(page);
    mend();
  });

  await test.step('a storage that was set back', async () => {
    await world.stopServers();
    renameSync(world.data, world.path('newer'));
    renameSync(world.path('older'), world.data);
    await serve();
    // Nothing is at work: nobody is asked.
    await open();
    await page.getByLabel('Name of the vault').fill('trouble');
    await page.getByRole('textbox', { name: 'Passphrase' }).fill(PASSPHRASE);
    await button('Unlock').click();
    await expect(page.getByRole('alert')).toContainText('an older state of the vault', { timeout: 60_000 });
    expect(await told(page)).toEqual([['strongroom-error', 'rolled_back']]);
    await isWell(page);
    await button('Open the older state all the same').click();
    await expect(page.getByRole('heading', { name: 'Vault trouble' })).toBeFocused({ timeout: 60_000 });
    await expect(page.getByRole('treeitem')).toHaveText([/Holiday/]);
  });
});

/** A vault named `trouble` by the API beside the elements; its recovery phrase. */
function create(page: Page, { assets, passphrase }: { assets: typeof MOVED; passphrase: string }): Promise<string[]> {
  return page.evaluate(async ({ assets, passphrase, index }) => {
    const { Strongroom } = await import(index) as typeof import('../../crate/wasm/dist/index.js');
    const strongroom = await Strongroom.start({ assets, lanes: 1 });
    const { vault, recoveryPhrase } = await strongroom.createVault({ kind: 'broker', url: '/' }, { name: 'trouble', passphrase });
    vault.lock();
    return recoveryPhrase;
  }, { assets, passphrase, index: '/index.js' });
}
