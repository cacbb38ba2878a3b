import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf } from './range.ts';

test('one range of bytes is understood, and anything else is the whole', () => {
  assert.deepEqual(rangeOf('bytes=0-'), { from: 0, to: Infinity });
  assert.deepEqual(rangeOf('bytes=7-7'), { from: 7, to: 8 });
  assert.deepEqual(rangeOf(' bytes=1000000000000-1000000000999 '), { from: 1_000_000_000_000, to: 1_000_000_001_000 });
  for (const header of [null, '', 'bytes=-500', 'bytes=8-7', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b', `bytes=${'9'.repeat(20)}-`]) assert.equal(rangeOf(header), undefined, String(header));
});
