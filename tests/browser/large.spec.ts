import { createReadStream, writeFileSync, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

import { peakOf } from './support/memory.ts';
import { random } from './support/random.ts';
import { LONG } from './support/screens.ts';
import { strongroom } from './support/shell.ts';
import { expect, test } from './support/world.ts';

const MB = 1_000_000;
const BYTES = 5_000 * MB;
/** Parts of it that are no hole: more than the storage's packs have room for without a second one. */
const PART = 4 * MB;
const PARTS = 20;
/** What the tab may take, whatever the size. */
const MOST = 500 * MB;

test('a file of 5 GB comes down in a tab that never takes more than 500 MB, every byte as it was', async ({ world }) => {
  const file = world.path('source/disk.img');
  const disk = await open(file, 'w');
  await disk.truncate(BYTES);
  const source = random('disk');
  for (let part = 0; part < PARTS; part++) await disk.write(source.bytes(PART), 0, PART, part * Math.floor(BYTES / PARTS));
  await disk.close();
  const passphrase = world.path('passphrase');
  writeFileSync(passphrase, 'correct horse battery staple');
  const server = await world.server();
  const place = ['--server', server.url, '--name', 'large', '--passphrase-file', passphrase];
  for (const words of [['init', ...place, '--recovery-phrase-out', world.path('phrase')], ['backup', ...place, file]]) {
    const ended = await strongroom(world, undefined, ...words);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  }

  const screens = await world.screens(server.url, 'here');
  await screens.unlock({ name: 'large', passphrase: 'correct horse battery staple' });
  await screens.openSnapshot();
  const peak = await peakOf(world.path('profile here'), async () => {
    const starting = screens.page.waitForEvent('download', { timeout: LONG });
    await screens.id('entry-restore').click();
    const restored = await (await starting).path();
    expect(await firstDifference(file, restored)).toBe(-1);
  });
  console.log(`the tab took ${Math.round(peak / MB)} MB at most`);
  expect(peak).toBeGreaterThan(50 * MB);
  expect(peak).toBeLessThan(MOST);
});

/** Where two files part, in bytes; -1 where they do not. */
async function firstDifference(one: string, other: string): Promise<number> {
  const [left, right] = [one, other].map((file) => createReadStream(file, { highWaterMark: 1 << 20 })) as [ReadStream, ReadStream];
  const others = right[Symbol.asyncIterator]();
  let at = 0;
  for await (const bytes of left as AsyncIterable<Buffer>) {
    const { value } = await others.next() as { value: Buffer | undefined };
    if (!value?.equals(bytes)) return at;
    at += bytes.length;
  }
  return (await others.next()).done ? -1 : at;
}
