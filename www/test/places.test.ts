import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Places } from '../src/lib/places.ts';

test('rows that come into sight take the places of those that went, in their order where all went', () => {
  const places = new Places();
  assert.deepEqual(places.of(['a', 'b', 'c', 'd']), [0, 1, 2, 3]);
  assert.deepEqual(places.of(['w', 'x', 'y', 'z']), [0, 1, 2, 3]);
});

test('a row that stays keeps its place; what comes at one end takes the places of the other from its far end on', () => {
  const places = new Places();
  places.of(['a', 'b', 'c', 'd']);
  assert.deepEqual(places.of(['c', 'd', 'e', 'f']), [2, 3, 1, 0]);
  assert.deepEqual(places.of(['a', 'b', 'c', 'd']), [0, 1, 2, 3]);
});

test('no two rows have one place, however many come and go', () => {
  const places = new Places();
  for (let round = 0; round < 200; round++) {
    const first = (round * 7919) % 97;
    const rows = Array.from({ length: 5 + (round % 13) }, (_, at) => String(first + at));
    const found = places.of(['far', ...rows]);
    assert.equal(new Set(found).size, rows.length + 1);
    assert.equal(found[0], 0);
  }
});
