import { readFileSync } from 'node:fs';
import path from 'node:path';

import { NAME_SENTINEL, NAMES_FOLDER, plant, SENTINEL, SMALL } from './support/corpus.ts';
import { random } from './support/random.ts';
import { foundIn, leaks, readRecord, spelled, type Needle } from './support/record.ts';
import type { Key } from './support/screens.ts';
import { expect, test } from './support/world.ts';

const KIB = 1 << 10, MIB = 1 << 20;

test('everything that the server ever received holds no plaintext, no name, no secret, and only sizes that say nothing', async ({ world }) => {
  const record = world.path('record');
  const server = await world.server({ record });
  const source = world.path('tree');
  plant(source, SMALL);
  const here = await world.screens(server.url, 'here');
  const key = await here.create('watched', 'a passphrase nobody sends');
  await here.backUp([source], 'a label nobody sends');
  await here.openSnapshot();
  await here.restoreDownload(world.makeFolder('downloads'));
  await here.id('activity-close').click();
  await here.id('snapshot-back').click();
  await here.verify('data');
  await here.profile.close();
  await server.stop();

  const requests = readRecord(record);
  const puts = requests.filter(({ method }) => method === 'PUT');
  const gets = requests.filter(({ method, path }) => method === 'GET' && path.startsWith('/storage/'));
  expect(puts.length).toBeGreaterThan(3);
  expect(gets.length).toBeGreaterThan(3);

  const needles = secrets(key, source);
  // The search itself finds what it looks for.
  expect(foundIn(Buffer.concat([Buffer.from('xx'), needles[0]!.bytes, Buffer.from('yy')]), needles)).toEqual([needles[0]!.what]);
  expect(leaks(requests, needles)).toEqual([]);

  for (const { body, path: where } of puts) expect(isAllowed(body.length), `${where} has ${body.length} bytes`).toBe(true);
  const lengths = new Map(puts.map(({ path: where, body }) => [where, body.length]));
  for (const { headers, path: where } of gets) {
    const range = headers.find(([name]) => name === 'range')?.[1];
    if (range !== undefined) expect(isAligned(range, lengths.get(where) ?? 0), `${where} was asked for ${range}`).toBe(true);
  }
  for (const { path: where, body } of requests.filter((request) => request.path === '/api/v1/sign')) {
    const asked = (JSON.parse(body.toString()) as { requests: Record<string, unknown>[] }).requests;
    for (const one of asked) {
      expect(Object.keys(one).sort(), where).toEqual(one['method'] === 'PUT' ? ['length', 'method', 'path', 'sha256'] : ['method', 'path']);
      if (one['length'] !== undefined) expect(isAllowed(Number(one['length']))).toBe(true);
    }
  }
});

/** Secrets, names and content, as they are and as they might be spelled: UTF-8, UTF-16, base64 of each alignment, hex. */
function secrets(key: Key, source: string): Needle[] {
  const draw = random('windows');
  const texts: [string, string][] = [
    ['the passphrase', key.passphrase], ['the recovery phrase', key.phrase], ['three words of the recovery phrase', key.phrase.split(' ').slice(5, 8).join(' ')],
    ['plaintext', SENTINEL], ['a file name', NAME_SENTINEL], ['a folder name', NAMES_FOLDER], ['the label', 'a label nobody sends'], ['a file name', 'IMG_4000.jpg'], ['a file name', 'video.bin'],
  ];
  const spellings = texts.flatMap(([what, text]) => [...spelled(what, Buffer.from(text)), { what, bytes: Buffer.from(text, 'utf16le') }]);
  const media = readFileSync(path.join(source, 'video.bin'));
  const windows = Array.from({ length: 64 }, () => {
    const at = draw.below(media.length - 24);
    return { what: `bytes ${at} of video.bin`, bytes: media.subarray(at, at + 24) };
  });
  return [...spellings, ...windows];
}

function isAllowed(length: number): boolean {
  return length >= 4 * KIB && length <= 16 * MIB && (length & (length - 1)) === 0;
}

/** Whole extents of 1 MiB, up to the end of the object at most. */
function isAligned(range: string, length: number): boolean {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return from !== undefined && to !== undefined && Number(from) % MIB === 0 && ((Number(to) + 1) % MIB === 0 || Number(to) + 1 === length);
}
