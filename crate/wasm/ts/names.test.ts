import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SafeNames, safeName, zipPath } from './names.js';

test('a harmless name stays as it is, whatever its script', () => {
  for (const name of ['a.txt', 'ünï', 'e\u0301', '👩‍👩‍👧', ' leading', '.hidden', 'console']) assert.equal(safeName(name), name);
});

test('a name that a system refuses becomes one that it takes', () => {
  assert.equal(safeName('a:b?.txt'), 'a_b_.txt');
  assert.equal(safeName('ends.'), 'ends_');
  assert.equal(safeName('CON.txt'), '_CON.txt');
  assert.equal(safeName('evil\u202Etxt.exe'), 'evil_txt.exe');
  assert.equal(safeName('..\\..\\x'), '.._.._x');
});

test('a path in a ZIP cannot lead out of its folder', () => {
  assert.equal(zipPath(['a', '..\\..\\x']), 'a/.._.._x');
  assert.equal(zipPath(['a:b', 'c?']), 'a:b/c?');
});

test('names that would collide get numbers, and keep them', () => {
  const names = new SafeNames();
  assert.equal(names.of('', 'a?.txt'), 'a_.txt');
  assert.equal(names.of('', 'A*.txt'), 'A_ (2).txt');
  assert.equal(names.of('', 'a?.txt'), 'a_.txt');
  assert.equal(names.of('other', 'A*.txt'), 'A_.txt');
  assert.equal(names.changed, 3);
});
