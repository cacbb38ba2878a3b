import { plant, SMALL } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { below, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { inZip, treeOfZip } from './support/zip.ts';

test('a flipped byte in a pack is found and named, nothing wrong is given out, and everything else is restored', async ({ world }) => {
  const source = world.path('tree');
  plant(source, { ...SMALL, media: 30, big: 30_000_000 });
  const expected = below('tree', await treeOf(source));
  const server = await world.server();
  const objects = new Objects(world.data);
  const screens = await world.screens(server.url, 'here');
  const key = await screens.create('damaged', 'correct horse battery staple');
  await screens.backUp([source]);
  const [pack] = objects.names('pack').filter((name) => objects.size('pack', name) === 16 << 20);
  expect(pack).toBeDefined();
  const mend = objects.flip('pack', pack!, (length) => length >> 1);

  await screens.verify('data', async () => expect([...(await screens.left()).keys()].join()).toContain(pack!));
  const fresh = await world.screens(server.url, 'fresh');
  await fresh.unlock(key);
  await fresh.openSnapshot();
  const zip = await fresh.restoreDownload(world.makeFolder('downloads'));
  const damaged = await fresh.left();
  expect(damaged.size).toBeGreaterThan(0);
  expect(new Set(damaged.values())).toEqual(new Set(['damaged']));
  const given = treeOfZip(zip, { unread: [...damaged.keys()].map(inZip) });
  for (const [name, leaf] of expected) {
    if (!damaged.has(name)) expect(given.get(inZip(name))?.sha256, name).toBe(leaf.sha256);
  }
  mend();
});

for (const kind of ['index', 'snap'] as const) {
  test(`a flipped byte in an object of the kind ${kind} is found and named`, async ({ world }) => {
    const source = world.path('tree');
    plant(source, SMALL);
    const server = await world.server();
    const objects = new Objects(world.data);
    const screens = await world.screens(server.url, 'here');
    const key = await screens.create('damaged', 'correct horse battery staple');
    await screens.backUp([source]);
    await screens.profile.close();
    const name = objects.names(kind).at(-1)!;
    const mend = objects.flip(kind, name, (length) => length - 100);
    const fresh = await world.screens(server.url, 'fresh');
    await fresh.unlock(key);
    await fresh.verify('structure', async () => expect([...(await fresh.left()).keys()].join()).toContain(name));
    mend();
    const verified = await fresh.verify('data');
    expect(verified['left'] ?? 0).toBe(0);
  });
}

test('a flipped byte in a key slot is named, and the other slot still opens', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const server = await world.server();
  const objects = new Objects(world.data);
  const here = await world.screens(server.url, 'here');
  const key = await here.create('damaged', 'correct horse battery staple');
  await here.backUp([source]);
  await here.profile.close();
  const [passphrase] = objects.names('slot');
  const fresh = await world.screens(server.url, 'fresh');

  let mend = objects.flipSlot('passphrase');
  await fresh.enterPassphrase(key);
  expect(await fresh.problem()).toMatch(new RegExp(`^damaged: .*slot/${passphrase}`));
  await fresh.unlockByPhrase(key);
  mend();

  mend = objects.flipSlot('recovery');
  await fresh.unlock(key);
  await fresh.openSnapshot();
  mend();
});
