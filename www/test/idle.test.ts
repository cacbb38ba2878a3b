import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Idle, WARNING_SECONDS } from '../src/lib/idle.ts';

test('somebody is warned in the last minute, locked out at its end, and any use begins the time anew', () => {
  let now = 1_000_000;
  let minutes = 5;
  const idle = new Idle(() => minutes, () => now);
  assert.equal(idle.left, undefined);
  now += 4 * 60_000 - 1;
  assert.equal(idle.left, undefined);
  now += 1;
  assert.equal(idle.left, WARNING_SECONDS);
  now += 59_001;
  assert.equal(idle.left, 1);
  now += 10 * 3_600_000; // the computer slept
  assert.equal(idle.left, 0);
  idle.touch();
  assert.equal(idle.left, undefined);
  minutes = 1;
  assert.equal(idle.left, WARNING_SECONDS, 'another setting holds at once');
});
