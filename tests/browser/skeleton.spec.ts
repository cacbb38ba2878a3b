import path from 'node:path';

import { plantFile } from './support/corpus.ts';
import { differences, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';

test('one file of 20 MB goes out of the tab sealed and comes back in a fresh profile, byte for byte', async ({ world }) => {
  const source = world.makeFolder('source');
  plantFile(path.join(source, 'holiday.mov'), 20_000_000);
  const server = await world.server();

  const here = await world.screens(server.url, 'here');
  const key = await here.create('ana', 'correct horse battery staple');
  await expect(here.id('isolation')).toHaveAttribute('data-isolation', 'enforced');
  const report = await here.backUp([path.join(source, 'holiday.mov')]);
  expect(report).toMatchObject({ files: 1, bytes: 20_000_000, new: 20_000_000 });
  await here.profile.close();

  const there = await world.screens(server.url, 'there');
  await there.unlock(key);
  await there.openSnapshot();
  await expect(there.id('entry')).toHaveAttribute('data-name', 'holiday.mov');
  const target = world.makeFolder('restored');
  await there.restoreDownload(target, 'entry-restore');
  expect(differences(await treeOf(source), await treeOf(target))).toEqual([]);
});
