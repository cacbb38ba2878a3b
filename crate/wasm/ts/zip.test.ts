import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZipWriter } from './zip.js';

/** What a ZIP's central directory lists: name, DOS time as a date, size. */
function directory(zip: Buffer): { name: string; time: Date; size: number }[] {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const [time, date, size, name, extra] = [12, 14, 24, 28, 30].map(offset => (offset === 24 ? zip.readUInt32LE(at + offset) : zip.readUInt16LE(at + offset))) as [number, number, number, number, number];
    const entry = {
      name: zip.toString('utf8', at + 46, at + 46 + name),
      time: new Date((date >> 9) + 1980, ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2),
      size,
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
});

test('a stream that breaks fails the write that waits for it', { timeout: 10_000 }, async () => {
  const zip = new ZipWriter(new WritableStream({ write() { throw new DOMException('no room', 'QuotaExceededError'); } }));
  const part = { file: 1, path: ['a'], size: 1_000_000, offset: 0, last: false };
  await assert.rejects(async () => {
    for (let offset = 0; offset < 1_000_000; offset += 1_000) await zip.write({ ...part, offset }, [new Uint8Array(1_000)]);
  }, { name: 'QuotaExceededError' });
});
