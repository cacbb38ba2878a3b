import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turn } from './turn.js';

test('work that asks between its steps lets others come in between, and not at every step', async () => {
  let [others, waited, steps] = [0, 0, 0];
  let going = true;
  const other = () => {
    others++;
    if (going) setImmediate(other);
  };
  setImmediate(other);
  const until = performance.now() + 200;
  while (performance.now() < until) {
    steps++;
    const wait = turn();
    if (wait) waited++;
    await wait;
  }
  going = false;
  assert.ok(others >= 3, `others came in ${others} times`);
  assert.ok(waited >= 3 && waited < steps / 2, `${waited} of ${steps} steps ended their turn`);
});
