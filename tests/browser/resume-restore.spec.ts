import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { plantFile } from './support/corpus.ts';
import { answerPicker, killTab } from './support/profile.ts';
import { Screens } from './support/screens.ts';
import { below, differences, sizeOf, treeOf, type Tree } from './support/tree.ts';
import { expect, test } from './support/world.ts';

const MB = 1_000_000;
/** What a restore fetches along, at most: whole extents, and gaps that are not worth asking around. */
const ALONG = 16 * MB;

/** What lies there whole. */
function whole(expected: Tree, actual: Tree): string[] {
  return [...expected].filter(([name, { kind, sha256 }]) => kind === 'file' && actual.get(name)?.sha256 === sha256).map(([name]) => name);
}

test('a restore whose tab was closed goes on in another browser: what is right is not fetched again, what only looks so is; two tabs restore at once', async ({ world }) => {
  const source = world.path('tree');
  for (let number = 10; number < 50; number++) plantFile(`${source}/media/${number}.jpg`, MB);
  for (let number = 100; number < 300; number++) plantFile(`${source}/notes/${number}.txt`, 2_000);
  plantFile(`${source}/zz.mov`, 24 * MB);
  const expected = below('tree', await treeOf(source));
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const target = world.makeFolder('target');
  const media = (): number => Array.from({ length: 40 }, (_, number) => path.join(target, `tree/media/${10 + number}.jpg`))
    .filter((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0).length;
  const isPack = (method: string, url: string): boolean => method === 'GET' && url.includes('/pack/');

  const here = await world.screens(proxy.url, 'here');
  const key = await here.create('resumed', 'correct horse battery staple');
  await here.backUp([source]);
  await here.openSnapshot();
  const midway = new Promise<void>((reached) => {
    proxy.fate = ({ method, url }) => {
      if (!isPack(method, url) || media() < 8) return 'pass';
      reached();
      return { until: new Promise(() => undefined) };
    };
  });
  await answerPicker(here.profile, target);
  await here.id('restore-all-folder').click();
  await midway;
  await killTab(here.profile);
  await here.profile.close();
  const left = whole(expected, await treeOf(target));
  expect(left.length).toBeGreaterThanOrEqual(8);
  expect(left).not.toContain('tree/zz.mov');

  // One byte is another, and neither size nor time says so.
  const spoilt = path.join(target, left.find((name) => name.endsWith('.jpg'))!);
  const { atime, mtime } = statSync(spoilt);
  const bytes = readFileSync(spoilt);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(spoilt, bytes);
  utimesSync(spoilt, atime, mtime);

  const there = await world.screens(proxy.url, 'there');
  proxy.fate = () => 'pass';
  await there.unlock(key);
  await there.openSnapshot();
  const before = proxy.record.length;
  const begun = new Promise<void>((reached) => {
    proxy.fate = ({ method, url }) => {
      if (isPack(method, url)) reached();
      return 'pass';
    };
  });
  await answerPicker(there.profile, target);
  await there.id('restore-all-folder').click();
  await begun;
  await proxy.away();
  await expect(there.id('progress-waiting')).toBeVisible({ timeout: 60_000 });
  await proxy.back();
  await there.phase('done', 120_000);
  const report = await there.numbers('report');
  expect(differences(expected, await treeOf(target))).toEqual([]);
  expect(report).toMatchObject({ files: 241, there: left.length - 1, bytes: sizeOf(expected).bytes });
  const fetched = proxy.record.slice(before).filter(({ method, url, status }) => isPack(method, url) && status === 206).map(({ headers }) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    return Number(to) + 1 - Number(from);
  });
  expect(fetched.reduce((sum, length) => sum + length, 0)).toBeLessThan(sizeOf(expected).bytes - report['there-bytes']! + ALONG);
  await there.id('activity-close').click();

  // Once more: nothing is written.
  await there.restoreFolder(target);
  expect(await there.numbers('report')).toMatchObject({ files: 241, there: 241 });
  await there.id('activity-close').click();

  const page = await there.profile.context.newPage();
  const second = new Screens({ ...there.profile, page, cdp: await there.profile.context.newCDPSession(page) }, proxy.url);
  await second.unlock(key);
  await second.openSnapshot();
  const folders = [world.makeFolder('one'), world.makeFolder('two')] as const;
  await answerPicker(second.profile, folders[1]);
  await there.page.bringToFront();
  await answerPicker(there.profile, folders[0]);
  await there.id('restore-all-folder').click();
  await second.page.bringToFront();
  await second.id('restore-all-folder').click();
  await Promise.all([there, second].map((tab) => tab.phase('done', 120_000)));
  for (const folder of folders) expect(differences(expected, await treeOf(folder))).toEqual([]);
});
