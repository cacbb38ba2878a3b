import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Worker } from '@playwright/test';

import { firefoxWith } from './support/engine/firefox.ts';
import { Visit } from './support/engine/visit.ts';
import { webkit } from './support/engine/webkit.ts';
import { listening } from './support/listening.ts';
import type { Server } from './support/server.ts';
import { tryEverything } from './support/walls.ts';
import { expect, test, type World } from './support/world.ts';

test('nothing gets out of a worker that holds keys: no request, no script, no eval', async ({ world }) => {
  const { url: trap, heard } = await listening(world);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('walled', 'correct horse battery staple');
  const workers = screens.page.workers();
  const crypto = workers.filter((worker) => /vault-worker[^/]*\.js/.test(worker.url()));
  const courier = workers.find((worker) => /courier[^/]*\.js/.test(worker.url()));
  expect(crypto.length).toBeGreaterThanOrEqual(2); // the engine and a lane
  for (const worker of crypto) {
    const outcomes = await worker.evaluate(tryEverything, { trap, own: server.url, script: worker.url() });
    expect(Object.entries(outcomes).filter(([, outcome]) => !outcome.startsWith('blocked'))).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(16);
  }
  expect(heard).toEqual([]);

  // The same attempts do get out of the worker that may reach the network, so they are real.
  expect(courier).toBeDefined();
  const reached = await (courier as Worker).evaluate(async (url) => (await fetch(`${url}/control`, { mode: 'no-cors' })).type, trap);
  expect(reached).toBe('opaque');
  expect(heard).toEqual(['/control']);
});

for (const engine of [firefoxWith({}), webkit]) {
  test(`in ${engine.name}, too, nothing gets out of a worker that the server sends as one that holds keys; and where it sends no policy the page says so`, async ({ world }) => {
    const { url: trap, heard } = await listening(world);
    const www = world.makeFolder('www');
    const put = (name: string, text: string): void => writeFileSync(path.join(www, name), text);
    put('index.html', '<!doctype html><title>Walls</title>');
    put('script.js', 'postMessage("it runs");');
    // By its name the server knows what it may.
    put('vault-worker-probe.js', `setInterval(() => postMessage(self.trying), 1_000); onmessage = async ({ data }) => postMessage(await (${tryEverything.toString()})(data));`);
    const server = await world.server({ www, data: world.path('walls') });
    const tab = await engine.open(world, 'walls');
    const tried = async (own: string): Promise<Record<string, string>> => {
      await tab.goto(own);
      return await tab.evaluate(start, { worker: `${own}/vault-worker-probe.js`, places: { trap, own, script: `${own}/script.js` } });
    };
    const outcomes = await tried(server.url);
    expect(Object.entries(outcomes).filter(([, outcome]) => !outcome.startsWith('blocked'))).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(16);
    expect(heard).toEqual([]);
    // The same attempts do get out where no policy comes along, so they are real.
    const free = await tried(await unwalled(world, server));
    for (const way of ['fetch own origin', 'fetch another origin', 'XMLHttpRequest', 'import of own origin', 'a worker of its own', 'a blob worker', 'eval']) {
      expect([way, free[way]]).toEqual([way, 'OUT']);
    }
    expect(heard).toContain('/fetch');

    // A page's own policy lets the workers into no frame either.
    const here = new Visit(tab, await unwalled(world, await world.server(), (policy) => policy.includes('worker-src')));
    await here.create('open', 'correct horse battery staple');
    expect(await here.attribute('isolation', 'data-isolation')).toBe('unenforced');
    expect(await tab.evaluate(() => document.querySelector('.walls.warn')?.textContent ?? '', null)).toContain('could reach the network');
  });
}

/** The same server, but that no policy comes along, or only some. */
async function unwalled(world: World, { url }: Server, kept: (policy: string) => boolean = () => false): Promise<string> {
  const proxy = await world.proxy(url);
  proxy.alter = (headers) => { if (!kept(String(headers['content-security-policy']))) delete headers['content-security-policy']; };
  return proxy.url;
}

/** In the page: what a worker tells once it was told where to try. */
function start({ worker, places }: { worker: string; places: Record<string, string> }): Promise<Record<string, string>> {
  interface Factory { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } }
  const types = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  const address = types?.createPolicy('walls', { createScriptURL: (url: string) => url }).createScriptURL(worker) ?? worker;
  return new Promise((resolve, reject) => {
    const started = new Worker(address);
    // What it imports may have its word, too.
    let last = '';
    started.onmessage = ({ data }: MessageEvent<string | Record<string, string>>) => { if (typeof data === 'object') resolve(data); else last = data; };
    setTimeout(() => reject(new Error(`the worker stands still at: ${last}`)), 100_000);
    started.onerror = (event) => reject(new Error(event.message));
    started.postMessage(places);
  });
}
