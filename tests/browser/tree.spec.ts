import { edit, FORBIDDEN, NAMES_FOLDER, plant, WHOLE } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { Reads } from './support/read.ts';
import { below, differences, sizeOf, treeOf, type Tree } from './support/tree.ts';
import { missingInZip } from './support/zip.ts';
import { expect, test } from './support/world.ts';

const MIB = 1 << 20;

test('a tree of 3,000 awkward files comes back whole as ZIP and into a folder, and a second run sends only what is new', async ({ world }) => {
  test.setTimeout(900_000);
  const source = world.path('tree');
  plant(source, WHOLE);
  const before = below('tree', await treeOf(source));
  const planted = sizeOf(before);
  expect(planted.files).toBeGreaterThan(3_000);
  expect(planted.bytes).toBeGreaterThan(300_000_000);
  const server = await world.server();
  const objects = new Objects(world.data);

  const here = await world.screens(server.url, 'here');
  const key = await here.create('big', 'correct horse battery staple');
  const first = await test.step('first backup', () => here.backUp([source], 'everything'));
  expect(first).toMatchObject({ files: planted.files, bytes: planted.bytes });
  expect(first['left'] ?? 0).toBe(0);

  await test.step('restore in a fresh profile as ZIP', async () => {
    const there = await world.screens(server.url, 'there');
    await there.unlock(key);
    await there.openSnapshot();
    const zip = await there.restoreDownload(world.makeFolder('downloads'));
    expect(missingInZip(before, zip)).toEqual([]);
    await there.profile.close();
  });

  await test.step('restore in a fresh profile into a folder', async () => {
    const there = await world.screens(server.url, 'third');
    await there.unlockByPhrase(key);
    await there.openSnapshot();
    const target = world.makeFolder('restored');
    await there.restoreFolder(target);
    const restored = await treeOf(target);
    const forbidden = FORBIDDEN.map((name) => `tree/${NAMES_FOLDER}/${name}`);
    expect(differences(without(before, forbidden), new Map([...restored].filter(([name]) => before.has(name))))).toEqual([]);
    // What may not have its name here has another, or is listed.
    const left = await there.left();
    const hashes = new Set([...restored.values()].map((leaf) => leaf.sha256));
    expect(forbidden.filter((name) => !hashes.has(before.get(name)?.sha256) && left.get(name) !== 'sink_failed')).toEqual([]);
    expect([...left.keys()].filter((name) => !forbidden.includes(name))).toEqual([]);
    await expect(there.id('report-note').first()).toBeVisible();
    await there.profile.close();
  });

  await test.step('second run after edits', async () => {
    const edited = edit(source);
    const stored = objects.bytes('pack', 'index', 'snap');
    const reads = new Reads(source);
    const plan = await here.plan([source], 'everything');
    expect(plan['unchanged']).toBeGreaterThan(2_900);
    await here.id('backup-now').click();
    const second = await here.finish();
    expect(second['unchanged']).toBe(plan['unchanged']);
    const sent = objects.bytes('pack', 'index', 'snap') - stored;
    expect(sent).toBeLessThanOrEqual(edited.newBytes + 32 * MIB);
    const read = reads.since();
    expect(read).toContain('video.bin');
    expect(read.filter((file) => !edited.touched.some((touched) => file === touched || file.startsWith(`${touched}/`)))).toEqual([]);
    expect(read).toHaveLength(second['read'] ?? -1);
  });

  await test.step('both snapshots restore', async () => {
    const after = below('tree', await treeOf(source));
    const there = await world.screens(server.url, 'fourth');
    await there.unlock(key);
    for (const [place, expected] of [after, before].entries()) {
      await there.openSnapshot(place);
      const zip = await there.restoreDownload(world.makeFolder('downloads', String(place)));
      expect(missingInZip(expected, zip)).toEqual([]);
      await there.id('activity-close').click();
      await there.id('snapshot-back').click();
    }
    expect(there.profile.complaints).toEqual([]);
  });
});

function without(tree: Tree, paths: string[]): Tree {
  return new Map([...tree].filter(([name]) => !paths.includes(name)));
}
