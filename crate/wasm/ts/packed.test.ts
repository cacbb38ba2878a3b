import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packed } from './packed.js';

test('records come back as they went, across the ends of parts, and their number is known', () => {
  const packed = new Packed();
  const records = [0, 1, 100, 262_000, 300_000, 44, 600_000].map((length, number) => new Uint8Array(length).fill(number + 1));
  for (const record of records) packed.push(record);
  const parts = [...packed.parts()];
  assert.deepEqual(Buffer.concat(parts), Buffer.concat(records));
  assert.equal(packed.count, records.length);
  assert.ok(parts.length < records.length, `${parts.length} parts`);
});

test('what is pushed is a copy: its buffer may be used again', () => {
  const packed = new Packed();
  const record = new Uint8Array([1, 2, 3]);
  packed.push(record);
  record.fill(0);
  assert.deepEqual([...packed.parts()].map(part => [...part]), [[1, 2, 3]]);
  assert.deepEqual([...new Packed().parts()], []);
});
