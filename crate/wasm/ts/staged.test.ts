import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStaged } from './staged.ts';

test('where nothing can be kept, more than memory should hold is refused with what is needed', async () => {
  await assert.rejects(openStaged('a.zip', 3.4e9), { code: 'not_supported', message: /3\.4 GB are needed/ });
});
