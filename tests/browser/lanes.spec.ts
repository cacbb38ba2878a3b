import type { Page, Worker } from '@playwright/test';

import { plant, SMALL } from './support/corpus.ts';
import type { Proxy } from './support/proxy.ts';
import { LONG } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

test('workers that die in mid-backup and in mid-restore are replaced, and so are those let go for their memory: everything is stored and comes back', async ({ world }) => {
  const source = world.path('tree');
  plant(source, { ...SMALL, media: 60, big: 150_000_000 });
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('mortal', 'correct horse battery staple');
  await screens.plan([source]);

  let midway = holdPacks(proxy, 'PUT');
  await screens.id('backup-now').click();
  await midway.reached;
  await killAll(screens.page);
  const ended = screens.finish();
  await expect.poll(() => lanesOf(screens.page)).not.toHaveLength(0);
  const letGo = endOf(await lanesOf(screens.page));
  midway.release();
  const report = await ended;
  expect(report['left'] ?? 0).toBe(0);
  // What backs up takes more memory than is kept when the work is done.
  await letGo;
  const verified = await screens.verify('data');
  expect(verified['left'] ?? 0).toBe(0);

  await screens.openSnapshot();
  midway = holdPacks(proxy, 'GET');
  const restoring = screens.restoreDownload(world.makeFolder('downloads'));
  await midway.reached;
  await killAll(screens.page);
  midway.release();
  expect(missingInZip(below('tree', await treeOf(source)), await restoring)).toEqual([]);
});

async function endOf(lanes: Worker[]): Promise<void> {
  await Promise.all(lanes.map((lane) => lane.waitForEvent('close', { timeout: LONG })));
}

/** After the first pack nothing more gets through before the release: more is to go than the lanes may hold, so the run is in its middle. */
function holdPacks(proxy: Proxy, wanted: string): { reached: Promise<void>; release(): void } {
  let release = (): void => {};
  const reached = new Promise<void>((midway) => {
    let seen = 0;
    proxy.fate = ({ method, url }) => {
      if (method !== wanted || !url.includes('/pack/') || seen++ === 0) return 'pass';
      midway();
      return 'cut';
    };
    release = () => { proxy.fate = () => 'pass'; };
  });
  return { reached, release };
}

async function lanesOf(page: Page): Promise<Worker[]> {
  const named = await Promise.all(page.workers().map(async (worker) => [worker, await worker.evaluate(() => self.name)] as const));
  return named.filter(([, name]) => name === 'strongroom lane').map(([worker]) => worker);
}

/** The first lane traps, the others end without a word. */
async function killAll(page: Page): Promise<void> {
  const lanes = await lanesOf(page);
  expect(lanes.length).toBeGreaterThanOrEqual(1);
  const gone = lanes.map((lane) => lane.waitForEvent('close'));
  await Promise.all(lanes.map((lane, number) => lane.evaluate((trap) => {
    setTimeout(() => {
      if (trap) throw new Error('a trap, as this test wants it');
      self.close();
    });
  }, number === 0)));
  await Promise.all(gone);
}
