import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { ZipWriter } from './zip.js';

interface Listed { name: string; time: Date; seconds?: number; crc: number; size: number; bytes: Buffer }

/** What a ZIP's central directory lists, with the bytes that lie where it says. */
function directory(zip: Buffer): Listed[] {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const [time, date, name, extra] = [12, 14, 28, 30].map(offset => zip.readUInt16LE(at + offset)) as [number, number, number, number];
    const [crc, size, local] = [16, 24, 42].map(offset => zip.readUInt32LE(at + offset)) as [number, number, number];
    const stamp = zip.subarray(at + 46 + name, at + 46 + name + extra);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const entry = {
      name: zip.toString('utf8', at + 46, at + 46 + name),
      time: new Date((date >> 9) + 1980, ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2),
      seconds: stamp.length === 9 && stamp.readUInt16LE(0) === 0x5455 ? stamp.readInt32LE(5) : undefined,
      crc, size, bytes: zip.subarray(start, start + size),
    };
    at += 46 + name + extra;
    return entry;
  });
}

function collected(): { stream: WritableStream<Uint8Array>; chunks: Uint8Array[] } {
  const chunks: Uint8Array[] = [];
  return { stream: new WritableStream({ write(chunk) { chunks.push(chunk.slice()); } }), chunks };
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('a ZIP has every file and every empty folder, with names and times', async () => {
  const { stream, chunks } = collected();
  const zip = new ZipWriter(stream);
  const mtime = new Date(2024, 4, 6, 7, 8, 10).getTime();
  await zip.folder(['ünï', 'empty'], mtime);
  await zip.write({ file: 1, path: ['ünï', 'a.txt'], size: 6, mtime, offset: 0, last: false }, [bytes('abc')]);
  await zip.write({ file: 1, path: ['ünï', 'a.txt'], size: 6, mtime, offset: 3, last: true }, [bytes('d'), bytes('ef')]);
  await zip.write({ file: 2, path: ['nothing'], size: 0, offset: 0, last: true }, []);
  await zip.close();
  const whole = Buffer.concat(chunks);
  assert.ok(whole.includes('abcdef'));
  const listed = directory(whole);
  assert.deepEqual(listed.map(({ name, size }) => [name, size]), [['ünï/empty/', 0], ['ünï/a.txt', 6], ['nothing', 0]]);
  assert.equal(listed[1]!.time.getTime(), mtime);
  assert.equal(listed[1]!.seconds, mtime / 1000);
});

test('calls that do not wait for each other are done in order, and every entry has its bytes and their checksum', async () => {
  const { stream, chunks } = collected();
  const zip = new ZipWriter(stream);
  const large = new Uint8Array(3_000_000).map((_, at) => at * 7);
  const done = [
    zip.write({ file: 1, path: ['small'], size: 3, offset: 0, last: true }, [bytes('abc')]),
    zip.write({ file: 2, path: ['large'], size: large.length, offset: 0, last: false }, [large.subarray(0, 1_500_000)]),
    zip.write({ file: 2, path: ['large'], size: large.length, offset: 1_500_000, last: true }, [large.subarray(1_500_000)]),
    zip.folder(['empty']),
    zip.write({ file: 3, path: ['next'], size: 4, offset: 0, last: true }, [bytes('de'), bytes('fg')]),
  ];
  await Promise.all(done);
  const notes = await zip.close();
  const listed = directory(Buffer.concat(chunks));
  assert.deepEqual(listed.map(({ name }) => name), ['small', 'large', 'empty/', 'next']);
  assert.deepEqual(listed.map(({ bytes }) => bytes.length), [3, large.length, 0, 4]);
  assert.ok(listed[1]!.bytes.equals(large));
  for (const { crc, bytes } of listed) assert.equal(crc, crc32(bytes));
  assert.ok(notes.includes('3 times could not be kept: they are not known, or beyond what a ZIP can say.'));
});

test('a file that ends early keeps what came of it, and the next one is whole', async () => {
  const { stream, chunks } = collected();
  const zip = new ZipWriter(stream);
  await zip.write({ file: 1, path: ['cut'], size: 5_000_000_000, offset: 0, last: false }, [bytes('begun')]);
  await Promise.all([zip.discard(1), zip.write({ file: 2, path: ['whole'], size: 5, offset: 0, last: true }, [bytes('whole')])]);
  await zip.close();
  const listed = directory(Buffer.concat(chunks));
  assert.deepEqual(listed.map(({ name, crc, bytes }) => [name, crc, bytes.toString()]), [
    ['cut', crc32('begun'), 'begun'], ['whole', crc32('whole'), 'whole'],
  ]);
});

test('a path that no ZIP can say fails alone', async () => {
  const { stream, chunks } = collected();
  const zip = new ZipWriter(stream);
  const path = Array.from({ length: 20 }, () => 'n'.repeat(4_000));
  await assert.rejects(zip.write({ file: 1, path, size: 1, offset: 0, last: true }, [bytes('a')]), { code: 'sink_failed' });
  await zip.write({ file: 2, path: ['b'], size: 1, offset: 0, last: true }, [bytes('b')]);
  await zip.close();
  assert.deepEqual(directory(Buffer.concat(chunks)).map(({ name }) => name), ['b']);
});

test('a stream that breaks fails the write that waits for it', { timeout: 10_000 }, async () => {
  const zip = new ZipWriter(new WritableStream({ write() { throw new DOMException('no room', 'QuotaExceededError'); } }));
  const part = { file: 1, path: ['a'], size: 4_000_000, offset: 0, last: false };
  await assert.rejects(async () => {
    for (let offset = 0; offset < 4_000_000; offset += 1_000) await zip.write({ ...part, offset }, [new Uint8Array(1_000)]);
  }, { name: 'QuotaExceededError' });
});
