import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES, remedy } from '../src/lib/remedy.ts';

test('every failure has a sentence, a cause and a next step, and no two say the same', () => {
  for (const code of CODES) {
    const { what, why, next } = remedy(code);
    for (const part of [what, why, next]) assert.match(part, /^[A-Z].{15,}\.$/, code);
  }
  assert.equal(new Set(CODES.map((code) => remedy(code).what)).size, CODES.length);
});

test('a code that this page does not know yet still gets an answer', () => {
  assert.equal(remedy('from_the_future' as never), remedy('internal'));
});
