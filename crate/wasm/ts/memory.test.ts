import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from './memory.js';

const bytes = (...values: number[]) => new Uint8Array(values).buffer as ArrayBuffer;

test('a store of one id is one store, and its objects never change', () => {
  memoryStore('a').put('v/pack/1', bytes(1, 2, 3));
  assert.deepEqual(memoryStore('a').get('v/pack/1', [1, 2]), bytes(2, 3));
  assert.deepEqual(memoryStore('a').list('v/pack/'), [{ path: 'v/pack/1', length: 3 }]);
  assert.deepEqual(memoryStore('b').list(''), []);
  memoryStore('a').put('v/pack/1', bytes(1, 2, 3));
  assert.throws(() => memoryStore('a').put('v/pack/1', bytes(9, 2, 3)), { code: 'name_taken' });
  assert.throws(() => memoryStore('a').get('v/pack/2'), { code: 'missing' });
});
