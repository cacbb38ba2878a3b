import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sliceOf } from '../src/lib/slice.ts';
import { Typed } from '../src/lib/typed.ts';

const list = ['Alpha', 'beta', 'Beton', 'Gamma', 'gas station'];
const names = { length: list.length, at: (index: number) => list[index] ?? '' };

test('letters in quick succession are one beginning of a name; after a pause they begin anew', () => {
  const typed = new Typed();
  assert.equal(typed.type('b', 0, names, 0), 1);
  assert.equal(typed.type('e', 100, names, 1), 1);
  assert.equal(typed.type('t', 200, names, 1), 1);
  assert.equal(typed.type('o', 300, names, 1), 2);
  assert.equal(typed.type('a', 5_000, names, 2), 0);
  assert.equal(typed.type('z', 5_100, names, 0), -1);
});

test('letters belong together however long the page took to show where the last one led', () => {
  const typed = new Typed();
  assert.equal(typed.type('b', 0, names, 0), 1);
  typed.shown(2_000);
  assert.equal(typed.type('e', 2_100, names, 1), 1);
  typed.shown(4_000);
  assert.equal(typed.type('t', 4_100, names, 1), 1);
  typed.shown(6_000);
  assert.equal(typed.type('o', 6_100, names, 1), 2);
});

test('the same letter again goes on to the next name, and round', () => {
  const typed = new Typed();
  assert.equal(typed.type('g', 0, names, 0), 3);
  assert.equal(typed.type('g', 100, names, 3), 4);
  assert.equal(typed.type('g', 200, names, 4), 3);
});

test('a space belongs to a name while it is typed, and to nothing else', () => {
  const typed = new Typed();
  assert.ok(!typed.isTyping(0));
  [...'gas'].forEach((letter, index) => typed.type(letter, 10 * index, names, 0));
  assert.ok(typed.isTyping(100));
  assert.equal(typed.type(' ', 100, names, 4), 4);
  assert.ok(!typed.isTyping(5_000));
});

test('of a hundred thousand rows only those are drawn that can be seen, and a few beside them', () => {
  assert.deepEqual(sliceOf(0, 440, 44, 100_000), { first: 0, end: 22 });
  assert.deepEqual(sliceOf(44_000, 44_440, 44, 100_000), { first: 988, end: 1_022 });
  assert.deepEqual(sliceOf(4_399_560, 4_400_000, 44, 100_000), { first: 99_978, end: 100_000 });
  assert.deepEqual(sliceOf(-500, -60, 44, 100_000), { first: 0, end: 11 });
  assert.deepEqual(sliceOf(99_999_999, 99_999_999, 44, 10), { first: 9, end: 10 });
  assert.deepEqual(sliceOf(0, 440, 44, 0), { first: 0, end: 0 });
});
