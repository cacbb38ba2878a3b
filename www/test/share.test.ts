import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRead, share } from '../src/lib/share.ts';

const none = { filesTotal: 0, filesDone: 0, bytesTotal: 0, bytesRead: 0, bytesNew: 0, bytesStored: 0, bytesThere: 0 };
const MB = 1_000_000;

test('nothing is said while nothing is known, empty files count, and the whole is only reached at the end', () => {
  assert.equal(share('backup', none), undefined);
  assert.equal(share('backup', { ...none, filesTotal: 10, filesDone: 1 }), 0.1);
  assert.equal(share('verify', { ...none, bytesTotal: 100, bytesRead: 130 }), 0.99);
});

test('one large file moves the bar while it is read and stored, long before it is done', () => {
  const large = { ...none, filesTotal: 1, bytesTotal: 900 * MB };
  const at = (bytesRead: number, bytesStored: number): number => share('backup', { ...large, bytesRead, bytesNew: bytesRead, bytesStored }) ?? 0;
  const way = [at(0, 0), at(60 * MB, 0), at(90 * MB, 45 * MB), at(450 * MB, 400 * MB), at(900 * MB, 850 * MB), at(900 * MB, 899 * MB)];
  assert.deepEqual(way, way.toSorted((one, other) => one - other));
  assert.equal(way[1], 0, 'what is only read is not safe');
  assert.ok(way[3]! > 0.4 && way[3]! < 0.5, `${way[3]}`);
  // What compresses well never looks as if half of it were missing.
  assert.ok(share('backup', { ...large, bytesRead: 800 * MB, bytesNew: 800 * MB, bytesStored: 100 * MB })! > 0.8);
});

test('a restore is as far as what is written or was there already', () => {
  assert.equal(share('restore', { ...none, bytesTotal: 100, bytesRead: 10, bytesStored: 10, bytesThere: 40 }), 0.5);
  assert.equal(share('restore', { ...none, bytesTotal: 100, bytesRead: 90, bytesStored: 20 }), 0.2);
});

test('a back up has read everything only when bytes and files are both through', () => {
  assert.ok(isRead({ ...none, filesTotal: 2, filesDone: 2, bytesTotal: 5, bytesRead: 5 }));
  assert.ok(!isRead({ ...none, filesTotal: 2, filesDone: 1, bytesTotal: 5, bytesRead: 5 }));
  assert.ok(!isRead(none));
});
