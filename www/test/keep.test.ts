import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeptBy, Snapshot } from 'strongroom';
import { emptied, going, reasons, rulesOf, THIN, typedNumber } from '../src/lib/keep.ts';

const snapshot = (id: string, label: string): Snapshot => ({ id, label, time: 0, writer: '', files: 0, folders: 0, bytes: 0, left: 0, head: false });
const verdict = (id: string, label: string, kept: KeptBy[]) => ({ snapshot: snapshot(id, label), kept });

test('rules that keep nothing are none, and days become milliseconds', () => {
  assert.equal(rulesOf({}), undefined);
  assert.equal(rulesOf({ last: 0, within: 0, daily: 0 }), undefined);
  assert.deepEqual(rulesOf({ within: 2, daily: 3 }), { daily: 3, within: 172_800_000 });
});

test('thinning out always keeps the newest', () => {
  assert.ok(THIN.last! > 0);
});

test('a number that was typed is a whole one, and nothing typed is none of them', () => {
  assert.deepEqual(['12', ' 3 ', '', '0'].map(typedNumber), [12, 3, 0, 0]);
  assert.deepEqual(['-1', '1.5', 'many', '1e9', '123456'].map(typedNumber), Array.from({ length: 5 }, () => undefined));
});

test('a label of which nothing would stay is named, also one without a name', () => {
  const verdicts = [verdict('a', 'papers', ['last', 'daily']), verdict('b', '', []), verdict('c', 'papers', []), verdict('d', 'photos', [])];
  assert.deepEqual(emptied(verdicts), ['', 'photos']);
  assert.deepEqual(going(verdicts).map(({ id }) => id), ['b', 'c', 'd']);
  assert.equal(reasons(['last', 'daily']), 'newest, of its day');
});
