import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, bytes, count, duration, files, moment, percent, rate, sentence, timeLeft } from '../src/lib/format.ts';

const HOUR = 3_600_000;

test('bytes go in steps of a thousand and never show four digits', () => {
  const shown = [0, 1, 999, 1000, 1250, 999_499, 999_500, 312_500_000, 4_200_000_000, 2 ** 60].map((value) => bytes(value, 'en'));
  assert.deepEqual(shown, ['0 bytes', '1 byte', '999 bytes', '1 kB', '1.25 kB', '999 kB', '1 MB', '313 MB', '4.2 GB', '1,150 PB']);
});

test('counts are grouped and nouns agree with them', () => {
  assert.equal(count(1204, 'en'), '1,204');
  assert.equal(files(0, 'en'), '0 files');
  assert.equal(files(1, 'en'), '1 file');
  assert.equal(files(1204, 'en'), '1,204 files');
});

test('per cent says 100 only when all is done', () => {
  assert.deepEqual([0, 0.005, 0.829, 0.9999, 1, 1.2].map((share) => percent(share, 'en')), ['0%', '0%', '82%', '99%', '100%', '100%']);
});

test('a duration shows its two largest units', () => {
  assert.deepEqual([200, 1000, 45_000, 200_000, 180_000, 2 * HOUR + 300_000].map((span) => duration(span, 'en')),
    ['less than a second', '1 second', '45 seconds', '3 min 20 s', '3 min', '2 h 5 min']);
});

test('time left is coarser the longer it is, and never a bare zero', () => {
  assert.deepEqual([0, 9000, 12_000, 54_000, 58_000, 200_000, 1.5 * HOUR, 30 * HOUR].map((span) => timeLeft(span, 'en')), [
    'a few seconds left', 'a few seconds left', 'about 20 seconds left', 'about 60 seconds left', 'about 1 minute left',
    'about 3 minutes left', 'about 1.5 hours left', 'about 30 hours left']);
});

test('how long ago is told in the largest unit that is at least one', () => {
  const now = Date.UTC(2026, 10, 21, 22);
  assert.deepEqual([30_000, 60_000, 2 * HOUR, 26 * HOUR, 24 * 40 * HOUR].map((span) => ago(now - span, now, 'en')),
    ['just now', '1 minute ago', '2 hours ago', '1 day ago', '1 month ago']);
  assert.equal(ago(now + HOUR, now, 'en'), 'just now', 'a clock that is ahead makes no sentence about the future');
});

test('rates and moments are made of the same figures', () => {
  assert.equal(rate(150_000_000, 'en'), '150 MB/s');
  assert.match(moment(Date.UTC(2026, 10, 21, 12), 'en'), /Nov 21, 2026/);
});

test('a sentence ends as one', () => {
  assert.deepEqual(['Wait', 'Wait.', 'Why?'].map(sentence), ['Wait.', 'Wait.', 'Why?']);
});
