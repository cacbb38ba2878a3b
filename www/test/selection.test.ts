import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Selection } from '../src/lib/selection.ts';

const file = (bytes: number) => ({ kind: 'file' as const, files: 1, bytes });
const folder = (files: number, bytes: number) => ({ kind: 'folder' as const, files, bytes });

test('a picked folder takes in what was picked below it, and nothing counts twice', () => {
  const selection = new Selection();
  selection.add('a/b/c', file(10));
  selection.add('ab', file(5));
  selection.add('a', folder(7, 100));
  assert.deepEqual(selection.paths.sort(), ['a', 'ab']);
  assert.deepEqual(selection.weight, { files: 8, bytes: 105 });
  selection.add('a/x', file(1));
  assert.deepEqual(selection.weight, { files: 8, bytes: 105 }, 'it is in the folder already');
});

test('a path knows whether it is picked, within, partly picked or free', () => {
  const selection = new Selection();
  selection.add('a/b', folder(2, 20));
  assert.deepEqual(['a', 'a/b', 'a/b/c', 'a/bb', ''].map((path) => selection.cover(path)), ['partly', 'picked', 'within', 'none', 'partly']);
  assert.equal(selection.isFile('a/b'), false);
  selection.remove('a/b');
  assert.equal(selection.size, 0);
  assert.equal(selection.cover('a'), 'none');
});
