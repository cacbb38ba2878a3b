import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteOf, readRemembered, specOf, writeRemembered } from './remembered.js';

const spec = { kind: 's3', endpoint: 'https://s3.example.com', region: 'r', bucket: 'b', accessKeyId: 'an id', secretAccessKey: 'a secret key' } as const;
const vault = '5a'.repeat(16);

test('what a device keeps of a bucket is the slots of that vault and what it sealed, and nothing of the keys', () => {
  const slots = new Map([[`${vault}/slot/1`, new Uint8Array([0, 200, 255]).buffer], [`${'5b'.repeat(16)}/slot/1`, new ArrayBuffer(1)]]);
  const text = writeRemembered(vault, 'sealed', slots);
  assert.doesNotMatch(text, /secret|an id|example/);
  const remembered = readRemembered(text);
  assert.equal(remembered.sealed, 'sealed');
  assert.deepEqual([...remembered.bytes], [[`${vault}/slot/1`, new Uint8Array([0, 200, 255]).buffer]]);
  assert.deepEqual(specOf(noteOf(spec)), spec);
});

test('what is not such a text is damaged, with what to do next', () => {
  for (const text of ['', '{}', 'null', '{"vault":"x","sealed":"y","slots":{}}', `{"vault":"${vault}","sealed":"y","slots":{"a":"*"}}`]) {
    assert.throws(() => readRemembered(text), { code: 'damaged', message: /again/ });
  }
  assert.throws(() => specOf('{"kind":"memory"}'), { code: 'damaged' });
});
