import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayOf, forgetCommand, plainErasure, pruneCommand } from './prune.ts';
import type { Forgetting, PruneOptions, StorageSpec } from './types.ts';

const code = (wanted: string) => (error: unknown) => (error as { code: string }).code === wanted;

test('a server keeps the delay, this client does elsewhere, and through an app’s back end nothing is erased at all', () => {
  const custom: StorageSpec = { kind: 'custom', sign: async () => [], list: async () => [] };
  assert.equal(delayOf({ kind: 'broker', url: 'https://backup.example' }, {}), undefined);
  assert.equal(delayOf({ kind: 'memory', id: 'a' }, {}), 7 * 86_400_000);
  assert.equal(delayOf({ kind: 'memory', id: 'a' }, { eraseDelay: 0 }), 0);
  assert.throws(() => delayOf(custom, {}), code('not_supported'));
  assert.throws(() => delayOf({ kind: 'memory', id: 'a' }, { eraseDelay: -1 }), code('bad_request'));
});

test('a server is asked for nothing that cannot be undone without the secret', () => {
  assert.throws(() => pruneCommand({}, 'ana', undefined), code('bad_request'));
  assert.deepEqual(pruneCommand({ preview: true }, 'ana', undefined), { prune: { name: 'ana', secret: undefined, device: undefined, delay: undefined, threshold: 50, preview: true, without: [] } });
  assert.deepEqual(pruneCommand({}, 'ana', undefined, { passphrase: 'ü' }, 'known'), { prune: { name: 'ana', secret: { passphrase: 'ü' }, device: 'known', delay: undefined, threshold: 50, preview: false, without: [] } });
});

test('numbers that are none never reach the engine', () => {
  for (const rules of [{ last: -1 }, { daily: 1.5 }, { within: NaN }, { weekly: '3' }, { yearly: 2 ** 32 }] as Forgetting[]) {
    assert.throws(() => forgetCommand(rules, true), code('bad_request'));
  }
  for (const options of [{ threshold: 101 }, { threshold: -1 }] as PruneOptions[]) assert.throws(() => pruneCommand(options, 'ana', 0), code('bad_request'));
  assert.deepEqual(forgetCommand({ last: 2, labels: ['Photos'] }, true), {
    forget: { rules: { labels: ['Photos'], last: 2, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 }, snapshots: [], preview: true },
  });
  assert.deepEqual(forgetCommand({ snapshots: ['ab'] }, false), { forget: { snapshots: ['ab'], preview: false } });
});

test('an erasure is named by its tombstone', () => {
  assert.deepEqual(plainErasure({ tombstone: 'ab', objects: 1, bytes: 2, snapshots: 3, nodes: 4 }), { id: 'ab', objects: 1, bytes: 2, snapshots: 3, nodes: 4 });
});
