import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawBelow, firstPart, fullName, newEnding, typedName } from '../src/lib/name.ts';

test('the first part keeps what a name may hold', () => {
  assert.deepEqual(['Ana', 'Ana Müller', '  --x--  ', 'Straße 7', '東京', 'a_b.c'].map(firstPart), ['ana', 'ana-muller', 'x', 'strasse-7', '', 'a-b-c']);
});

test('a whole name fits 3 to 64 characters of a–z, 0–9 and hyphen, whatever is typed', () => {
  for (const typed of ['a', 'x'.repeat(200), 'é'.repeat(70), `${'y'.repeat(58)} z`]) {
    assert.match(fullName(typed, newEnding()), /^[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]$/);
  }
  assert.equal(fullName('???', 'x7q2'), '', 'an ending alone is no name');
});

test('endings are four characters that cannot be mistaken for one another', () => {
  for (let round = 0; round < 200; round += 1) assert.match(newEnding(), /^[2-9a-hj-km-np-z]{4}$/);
  let next = 0;
  assert.equal(newEnding(() => next++), '2345');
});

test('draws stay below their limit and reach every value', () => {
  const seen = new Set(Array.from({ length: 600 }, () => drawBelow(5)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
});

test('a name typed at unlock loses spaces and capitals', () => {
  assert.equal(typedName('  Ana-X7q2 '), 'ana-x7q2');
});
