import assert from 'node:assert/strict';
import test from 'node:test';
import { Language } from './element/language.js';
import { TEXTS } from './element/text.js';

const NUMBERS = [0, 1, 2, 3, 11, 100, 1_000_000];

/** What is put into a sentence. */
const gaps = (sentence: string): string => [...sentence.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort().join();

test('every language puts the same into each sentence as English does, and has a sentence for every number', () => {
  for (const [tag, text] of Object.entries(TEXTS)) {
    const language = Language.of(tag);
    for (const [key, sentence] of Object.entries(text) as [keyof typeof text, string | object][]) {
      if (typeof sentence === 'string') assert.equal(gaps(sentence), gaps(String(TEXTS.en[key])), `${tag}: ${key}`);
      else if (key !== 'stages' && key !== 'errors') {
        for (const number of NUMBERS) {
          const counted = language.count(key as 'files', number);
          assert.ok(counted !== '' && !counted.includes('{'), `${tag}: ${key} of ${number}: ${counted}`);
          // Only where a language says it in a word of its own may the number be missing.
          if (number > 2) assert.ok(counted.includes(language.number(number)), `${tag}: ${key} of ${number}: ${counted}`);
        }
      }
    }
    for (const sentence of [...Object.values(text.errors), ...Object.values(text.stages)]) assert.ok(sentence !== '');
  }
});

test('a language is found by its tag, keeps the region for its numbers, and is English where there are no words or no such tag', () => {
  assert.deepEqual(['de-AT', 'ar-EG', 'JA', 'sv', '', 'de-!', 'constructor'].map((tag) => Language.of(tag).tag), ['de-AT', 'ar-EG', 'ja', 'en', 'en', 'de', 'en']);
  assert.deepEqual(['ar', 'de'].map((tag) => Language.of(tag).dir), ['rtl', 'ltr']);
  assert.equal(Language.of('de').count('files', 1), '1 Datei');
  assert.equal(Language.of('de').bytes(999_600), '1 MB');
  assert.equal(Language.of('de').rate(1_250_000), '1,25 MB/s');
  assert.equal(Language.of('en').count('files', 1204), '1,204 files');
  assert.equal(Language.of('ar').count('files', 2), 'ملفان');
  assert.deepEqual([4_000, 58_000, 5_400_000].map((time) => Language.of('en').span(time)), ['10 seconds', '1 minute', '1.5 hours']);
});
