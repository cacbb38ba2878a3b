import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, roomText, stillNeeded } from '../src/lib/room.ts';

test('what may be too much is what exceeds the room that is left, and nothing where there is no limit', () => {
  assert.equal(missing({ used: 20, limit: 50 }, 40), 10);
  assert.equal(missing({ used: 20, limit: 50 }, 30), 0);
  assert.equal(missing({ used: 60, limit: 50 }, 5), 5);
  assert.equal(missing({ used: 60 }, 5), 0);
  assert.equal(missing(undefined, 5), 0);
});

test('a back up still needs what is not read and what is read but not stored', () => {
  const progress = { stage: 'waiting', filesTotal: 1, filesDone: 0, filesFailed: 0, bytesThere: 0, rate: 0, current: [] } as const;
  assert.equal(stillNeeded({ ...progress, current: [], bytesTotal: 100, bytesRead: 60, bytesNew: 50, bytesStored: 20 }), 70);
  assert.equal(stillNeeded({ ...progress, current: [], bytesTotal: 100, bytesRead: 100, bytesNew: 50, bytesStored: 80 }), 0);
});

test('the sentence says how much is used, how much is needed and what to do', () => {
  assert.match(roomText({ used: 12_000_000, limit: 50_000_000 }, 40_000_000), /^12 MB of 50 MB are used.*40 MB.*Ask.*cancel/);
  assert.match(roomText({ used: 12_000_000 }, 40_000_000), /^This vault uses 12 MB.*full/);
});
