import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Openers } from './openers.js';

const nothing = { size: 0, lastModified: 0 };

test('each file is opened in its place by its name, and as it was when it was entered', async () => {
  const files = new Openers();
  const [one, other] = [files.ofRun(), files.ofRun()];
  const asked: unknown[] = [];
  const place = { open: (name: string, was?: object) => { asked.push([name, was]); return new File(['abc'], name, { lastModified: 9 }); } };
  const numbers = Array.from({ length: 3_000 }, (_, at) => (at % 2 ? one : other).add(place, `name ${at}`, { size: at, lastModified: -at }));
  assert.equal(new Set(numbers).size, 3_000);
  assert.ok(numbers.every(number => Number.isInteger(number) && number > 0 && number < 2 ** 32));
  await files.open(numbers[2_999]!);
  await files.open(numbers[0]!, true);
  await files.open(numbers[0]!);
  assert.deepEqual(asked, [['name 2999', { size: 2_999, lastModified: -2_999 }], ['name 0', undefined], ['name 0', { size: 3, lastModified: 9 }]]);
});

test('what is forgotten, or of a run that is over, is not opened, and what others entered still is', async () => {
  const files = new Openers();
  const [one, other] = [files.ofRun(), files.ofRun()];
  const place = { open: () => new Blob() };
  const mine = Array.from({ length: 2_000 }, () => one.add(place, '', nothing));
  const theirs = other.add(place, '', nothing);
  mine.slice(0, 1_500).forEach(number => one.forget(number));
  assert.equal(files.size, 501);
  one.forget(mine[0]!);
  assert.equal(files.size, 501);
  await files.open(mine[1_500]!);
  await assert.rejects(files.open(mine[0]!), { message: 'It is not part of the source any more.' });
  one.close();
  await assert.rejects(files.open(mine[1_500]!));
  await files.open(theirs);
  assert.equal(files.size, 1);
});
