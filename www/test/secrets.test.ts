import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kitFile, kitText } from '../src/lib/kit.ts';
import { isWord, phraseWords, wordsToAsk } from '../src/lib/phrase.ts';
import { passphraseTrouble } from '../src/lib/passphrase.ts';

const WORDS = Array.from({ length: 24 }, (_, index) => `word${'abcdefghijklmnopqrstuvwx'[index]}`);
const KIT = { name: 'ana-x7q2', address: 'https://example.org/', words: WORDS };

test('a phrase pasted from a printed kit gives its words in order', () => {
  assert.deepEqual(phraseWords(' 1. Abandon\n 2. ability,ABLE '), ['abandon', 'ability', 'able']);
  assert.deepEqual(phraseWords('  '), []);
});

test('the kit names vault and address and holds every word with its number', () => {
  const text = kitText(KIT, new Date('2026-11-21T22:00:00Z'));
  assert.match(text, /ana-x7q2/);
  assert.match(text, /https:\/\/example\.org\//);
  assert.match(text, /2026-11-21/);
  WORDS.forEach((word, index) => assert.match(text, new RegExp(`(^|\\s)${index + 1}\\. ${word}\\b`, 'm')));
  assert.equal(kitFile(KIT), 'strongroom-ana-x7q2.txt');
});

test('the words asked for are distinct, in order and in range', () => {
  for (let round = 0; round < 100; round += 1) {
    const asked = wordsToAsk(3, 24);
    assert.equal(new Set(asked).size, 3);
    assert.deepEqual([...asked].sort((a, b) => a - b), asked);
    assert.ok(asked.every((number) => number >= 1 && number <= 24));
  }
});

test('a word typed back matches whatever its spaces and capitals, and no other word does', () => {
  assert.ok(isWord(' Abandon ', 'abandon'));
  assert.ok(!isWord('abando', 'abandon'));
  assert.ok(!isWord('', 'abandon'));
});

test('a new passphrase must be long, varied, not the name, and typed twice alike', () => {
  const good = 'correct horse battery';
  assert.equal(passphraseTrouble(good, good, 'ana-x7q2'), undefined);
  assert.match(passphraseTrouble('', '', '') ?? '', /Choose/);
  assert.match(passphraseTrouble('eleven char', 'eleven char', '') ?? '', /11 of at least 12/);
  assert.match(passphraseTrouble('aaaaaaaaaaaa', 'aaaaaaaaaaaa', '') ?? '', /repeats/);
  assert.match(passphraseTrouble('Long-name-x7q2', 'Long-name-x7q2', 'long-name-x7q2') ?? '', /name/);
  assert.match(passphraseTrouble(good, '', '') ?? '', /second time/);
  assert.match(passphraseTrouble(good, `${good}!`, '') ?? '', /differ/);
  assert.match(passphraseTrouble('🗝'.repeat(11), '', '') ?? '', /11 of/, 'characters are counted, not code units');
});
