import assert from 'node:assert/strict';
import { test } from 'node:test';
import decodeQR from 'qr/decode.js';
import { KIT_STEPS, kitFile, kitPage, kitText } from '../src/lib/kit.ts';
import { isWord, phraseWords, wordsToAsk } from '../src/lib/phrase.ts';
import { passphraseTrouble } from '../src/lib/passphrase.ts';
import { qrCode } from '../src/lib/qr.ts';
import { loadMeter, ENOUGH } from '../src/lib/strength.ts';
import { drawWords, wordList } from '../src/lib/words.ts';

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
  assert.equal(kitFile(KIT), 'strongroom-ana-x7q2.html');
});

test('the kit as a page has name, address, every word in order, what to do, and no script; nothing in it is taken for markup', async () => {
  const page = kitPage({ ...KIT, name: '<b>&"' }, new Date('2026-11-21T22:00:00Z'), await qrCode('x'));
  assert.match(page, /&#60;b&#62;&#38;&#34;/);
  assert.doesNotMatch(page, /<b>|<script/);
  assert.match(page, /2026-11-21/);
  assert.deepEqual([...page.matchAll(/<li>(word\w)<\/li>/g)].map((found) => found[1]), WORDS);
  for (const step of KIT_STEPS) assert.ok(page.includes(step), step);
});

test('the QR code of the kit reads as the words', async () => {
  const phrase = WORDS.join(' ');
  const { size, path } = await qrCode(phrase);
  assert.equal(decodeQR(drawn(size, path)), phrase);
});

test('the list of words to offer from is the whole list for five dice, and six drawn ones come from it evenly', async () => {
  const list = await wordList();
  assert.equal(new Set(list).size, 6 ** 5);
  const asked: number[] = [];
  const passphrase = drawWords(list, 6, (below) => { asked.push(below); return asked.length; });
  assert.deepEqual(asked, Array(6).fill(6 ** 5));
  assert.deepEqual(passphrase.split(' '), list.slice(1, 7));
  assert.equal(passphraseTrouble(drawWords(list), '', '') ?? '', 'Type the passphrase a second time.', 'an offered one passes what is asked of one’s own');
});

test('the meter tells a passphrase that everybody uses, and one made of the name, from words that do not belong together', async () => {
  const meter = await loadMeter();
  for (const easy of ['password1234', 'qwertyuiopas', 'ana-x7q2-ana-x7q2']) assert.ok(meter(easy, 'ana-x7q2').score < ENOUGH, easy);
  const hard = meter(drawWords(await wordList()), 'ana-x7q2');
  assert.equal(hard.score, 4);
  assert.match(hard.verdict, /centuries/);
  assert.match(meter('password1234', '').advice ?? '', /Add a word/);
});

/** As a camera sees it: the path's bars painted, four pixels a module. */
function drawn(size: number, path: string): { width: number; height: number; data: Uint8Array } {
  const width = size * 4;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x = 0, y = 0, length = 0] of [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map((bar) => bar.map(Number))) {
    for (let row = y * 4; row < y * 4 + 4; row += 1) {
      for (let column = x * 4; column < (x + length) * 4; column += 1) data.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3);
    }
  }
  return { width, height: width, data };
}

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
