import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crumbs, isBelow, join, labelFor, lastName, visible, withinLabel } from '../src/lib/path.ts';

test('paths join, end and lead back to the root', () => {
  assert.equal(join('', 'a'), 'a');
  assert.equal(join('a/b', 'c'), 'a/b/c');
  assert.equal(lastName('a/b/c'), 'c');
  assert.equal(lastName('c'), 'c');
  assert.deepEqual(crumbs(''), [{ name: '', path: '' }]);
  assert.deepEqual(crumbs('a/b'), [{ name: '', path: '' }, { name: 'a', path: 'a' }, { name: 'b', path: 'a/b' }]);
});

test('only what lies in a folder is below it, not what begins like it', () => {
  assert.ok(isBelow('a/b', 'a'));
  assert.ok(isBelow('a', ''));
  assert.ok(!isBelow('ab', 'a'));
  assert.ok(!isBelow('a', 'a'));
  assert.ok(!isBelow('', ''));
});

test('characters that hide or turn a name round are shown as their code, others as they are', () => {
  assert.equal(visible('photo\u202egpj.exe'), 'photo⟨U+202E⟩gpj.exe');
  assert.equal(visible('a\nb\u0000'), 'a⟨U+000A⟩b⟨U+0000⟩');
  assert.equal(visible('naïve café 👩‍👧 ファイル'), 'naïve café 👩‍👧 ファイル');
});

test('a snapshot without a label is called like what was dropped', () => {
  assert.equal(labelFor(['Photos']), 'Photos');
  assert.equal(labelFor(['Photos', 'Photos', '']), 'Photos');
  assert.equal(labelFor(['Photos', 'a.txt', 'b.txt']), 'Photos and 2 more');
  assert.equal(labelFor([]), '');
});

test('a label is cut at 255 bytes and never inside a character', () => {
  assert.equal(withinLabel('x'.repeat(300)), 'x'.repeat(255));
  assert.equal(withinLabel('🏔'.repeat(100)), '🏔'.repeat(63));
  assert.equal(withinLabel('  kept  '), 'kept');
});
