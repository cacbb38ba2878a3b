import { plant, SMALL } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { killTab } from './support/profile.ts';
import { random } from './support/random.ts';
import { below, sizeOf, treeOf } from './support/tree.ts';
import { missingInZip } from './support/zip.ts';
import { expect, test } from './support/world.ts';

const PACK = 16 << 20;

test('a tab killed in mid-backup leaves every earlier snapshot alone, and the next run does not send again what was stored', async ({ world }) => {
  test.setTimeout(600_000);
  const draw = random('kills');
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const objects = new Objects(world.data);

  const earlier = world.path('earlier');
  plant(earlier, SMALL, 'earlier');
  const first = await world.screens(proxy.url, 'first');
  const key = await first.create('killed', 'correct horse battery staple');
  await first.backUp([earlier], 'earlier');
  await first.profile.close();
  const untouched = objects.hashes();
  const storedEarlier = objects.bytes('pack');

  const source = world.path('tree');
  plant(source, { small: 60, media: 60, big: 40_000_000, zeros: 1_000_000 }, 'killed');
  const expected = below('tree', await treeOf(source));
  for (const attempt of ['second', 'third', 'fourth']) {
    await test.step(`killed in the ${attempt} profile`, async () => {
      const screens = await world.screens(proxy.url, attempt);
      await screens.unlock(key);
      // Dies when the body of one of the next few packs is on its way.
      let left = 1 + draw.below(3);
      const midway = new Promise<void>((reached) => {
        proxy.fate = ({ method, url }) => {
          if (method === 'PUT' && url.includes('/pack/') && left-- === 0) reached();
          return 'pass';
        };
      });
      await screens.plan([source], 'later');
      await screens.id('backup-now').click();
      await midway;
      await killTab(screens.profile);
      proxy.fate = () => 'pass';
      await screens.profile.close();
    });
  }

  const last = await world.screens(proxy.url, 'last');
  await last.unlock(key);
  const storedBefore = objects.bytes('pack') - storedEarlier;
  expect(storedBefore).toBeGreaterThanOrEqual(3 * PACK);
  const resumed = await last.backUp([source], 'later');
  expect(resumed['resumed']).toBeGreaterThanOrEqual(PACK);
  expect(resumed['saved']).toBeGreaterThanOrEqual(2 * PACK);
  const stored = objects.bytes('pack') - storedEarlier;
  // Media do not compress: what lies in the storage for this tree is the tree once, and its last packs' padding.
  expect(stored).toBeLessThan(sizeOf(expected).bytes + 2 * PACK);
  const verified = await last.verify('data');
  expect(verified['left'] ?? 0).toBe(0);
  expect(verified['snapshots']).toBe(2);
  await last.openSnapshot(0);
  expect(missingInZip(expected, await last.restoreDownload(world.makeFolder('later')))).toEqual([]);
  await last.id('activity-close').click();
  await last.id('snapshot-back').click();
  await last.openSnapshot(1);
  expect(missingInZip(below('earlier', await treeOf(earlier)), await last.restoreDownload(world.makeFolder('earlier zip')))).toEqual([]);
  const now = objects.hashes();
  expect([...untouched].filter(([name, hash]) => now.get(name) !== hash)).toEqual([]);
});
