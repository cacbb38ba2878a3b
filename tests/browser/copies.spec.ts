import { writeFileSync } from 'node:fs';

import type { Worker } from '@playwright/test';

import { random } from './support/random.ts';
import type { Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

const PART = 10_000_000;
const PARTS = 36;
/** What two lanes have open at the end, two packs of 16 MiB each, is handed out and joined in one of them. */
const JOINED = 4 * 16 * 1024 * 1024;
/** Jobs and outcomes cross as well. */
const SLACK = 0.02;

interface Copies { in: number; out: number }

test('each byte that is backed up is copied into a module once, and each that is stored out of one once', async ({ world }) => {
  const source = random('copies');
  for (let part = 0; part < PARTS; part++) writeFileSync(world.path(`source/part ${part}`), source.bytes(PART));
  const { url } = await world.server();
  const screens = await world.screens(url, 'here');
  const told = await listen(screens);
  await screens.create('copies', 'correct horse battery staple');
  const before = await told();
  await screens.plan([world.path('source')]);
  await screens.id('backup-now').click();
  await screens.finish();
  const after = await told();
  const bytes = PARTS * PART;
  // Random bytes are stored as they are.
  for (const way of ['in', 'out'] as const) {
    const copied = (after[way] - before[way]) / bytes;
    console.log(`${way}: ${copied.toFixed(3)} for each byte`);
    expect(copied).toBeGreaterThan(1 - SLACK);
    expect(copied).toBeLessThan(1 + SLACK + JOINED / bytes);
  }
});

/**
 * Counts what the glue of every worker's module copies: `set` into a view of the module's memory, and a new array of such a
 * view. Workers tell by a channel, because lanes that have taken much memory end with the run.
 */
async function listen({ page }: Screens): Promise<() => Promise<Copies>> {
  page.on('worker', (worker) => { void worker.evaluate(count).catch(() => {}); });
  await page.addInitScript(() => {
    const copies = { in: 0, out: 0 };
    new BroadcastChannel('copies').onmessage = ({ data }: MessageEvent<{ way: 'in' | 'out'; bytes: number }>) => { copies[data.way] += data.bytes; };
    Object.assign(window, { copies });
  });
  return async () => page.evaluate(() => ({ ...(window as unknown as { copies: Copies }).copies }));
}

function count(): void {
  const channel = new BroadcastChannel('copies');
  const { set } = Uint8Array.prototype;
  Uint8Array.prototype.set = function (source, offset) {
    channel.postMessage({ way: 'in', bytes: source.length });
    set.call(this, source, offset);
  };
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, given: [unknown]) {
      if (ArrayBuffer.isView(given[0])) channel.postMessage({ way: 'out', bytes: given[0].byteLength });
      return Reflect.construct(target, given) as Uint8Array;
    },
  });
}
