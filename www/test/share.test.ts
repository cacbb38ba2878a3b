import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRead, share } from '../src/lib/share.ts';

const none = { filesTotal: 0, filesDone: 0, bytesTotal: 0, bytesRead: 0, bytesStored: 0 };

test('a share is the slower of files and bytes, and nothing while both are unknown', () => {
  assert.equal(share('backup', none), undefined);
  assert.equal(share('backup', { ...none, filesTotal: 10, filesDone: 10, bytesTotal: 100, bytesRead: 40 }), 0.4);
  assert.equal(share('backup', { ...none, filesTotal: 10, filesDone: 1 }), 0.1, 'empty files count too');
  assert.equal(share('verify', { ...none, bytesTotal: 100, bytesRead: 130 }), 0.99, 'the whole is only reached at the end');
});

test('a restore is as far as what is written', () => {
  assert.equal(share('restore', { ...none, bytesTotal: 100, bytesRead: 90, bytesStored: 20 }), 0.2);
});

test('a back up has read everything only when bytes and files are both through', () => {
  assert.ok(isRead({ ...none, filesTotal: 2, filesDone: 2, bytesTotal: 5, bytesRead: 5 }));
  assert.ok(!isRead({ ...none, filesTotal: 2, filesDone: 1, bytesTotal: 5, bytesRead: 5 }));
  assert.ok(!isRead(none));
});
