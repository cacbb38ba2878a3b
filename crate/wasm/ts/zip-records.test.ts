import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centralHeader, descriptor, end, localHeader, type ZipEntry } from './zip-records.js';

const GIB = 2 ** 30;
const entry: ZipEntry = { name: new TextEncoder().encode('a'), folder: false, crc: 0xdeadbeef, size: 5 * GIB, at: 6 * GIB, streamed: true, large: true };

test('sizes and offsets beyond 4 GiB stand in the ZIP64 fields', () => {
  const central = Buffer.from(centralHeader(entry));
  assert.deepEqual([20, 24, 42].map(at => central.readUInt32LE(at)), [0xffff_ffff, 0xffff_ffff, 0xffff_ffff]);
  const extra = central.subarray(47);
  assert.deepEqual([extra.readUInt16LE(0), extra.readUInt16LE(2), central.readUInt16LE(30)], [1, 24, 28]);
  assert.deepEqual([4, 12, 20].map(at => Number(extra.readBigUInt64LE(at))), [5 * GIB, 5 * GIB, 6 * GIB]);
  const after = Buffer.from(descriptor(entry));
  assert.deepEqual([after.readUInt32LE(4), Number(after.readBigUInt64LE(8)), Number(after.readBigUInt64LE(16))], [0xdeadbeef, 5 * GIB, 5 * GIB]);
  // A reader of the stream learns from the local header that the descriptor has eight bytes for each size.
  const local = Buffer.from(localHeader(entry));
  assert.deepEqual([local.readUInt16LE(6) & 8, local.readUInt32LE(18), local.readUInt16LE(31)], [8, 0xffff_ffff, 1]);
});

test('an archive that is long, or of 65,535 entries, ends with ZIP64 records', () => {
  for (const [count, at] of [[65_535, 1_000], [3, 7 * GIB]] as const) {
    const records = Buffer.from(end(count, at, 500));
    assert.deepEqual([0, 56, 76].map(place => records.readUInt32LE(place)), [0x06064b50, 0x07064b50, 0x06054b50]);
    assert.deepEqual([24, 32, 40, 48].map(place => Number(records.readBigUInt64LE(place))), [count, count, 500, at]);
    assert.equal(Number(records.readBigUInt64LE(64)), at + 500);
    assert.equal(records.readUInt32LE(76 + 16), Math.min(at, 0xffff_ffff));
  }
  assert.equal(end(65_534, 1_000, 500).length, 22);
});
