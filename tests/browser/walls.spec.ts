import http from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Worker } from '@playwright/test';

import { expect, test } from './support/world.ts';

/** Every way out of a worker that a browser has; each ends with what came of it. */
function tryEverything({ trap, own }: { trap: string; own: string }): Promise<Record<string, string>> {
  const scope = self as unknown as Record<string, unknown> & { setTimeout(call: () => void): void };
  const heard = (target: EventTarget, good: string): Promise<string> => new Promise((done) => {
    target.addEventListener(good, () => done('OUT'));
    target.addEventListener('error', () => done('blocked'));
  });
  const ways: Record<string, () => unknown> = {
    'fetch own origin': () => fetch(`${own}/api/v1/about`),
    'fetch another origin': () => fetch(`${trap}/fetch`, { mode: 'no-cors' }),
    'fetch keepalive': () => fetch(`${trap}/keepalive`, { mode: 'no-cors', keepalive: true, method: 'POST', body: 'x' }),
    'XMLHttpRequest': () => {
      const request = new XMLHttpRequest();
      request.open('GET', `${own}/api/v1/about`, false);
      request.send();
      return request.status;
    },
    'WebSocket': () => heard(new WebSocket(`${trap.replace('http', 'ws')}/socket`), 'open'),
    'EventSource': () => heard(new EventSource(`${trap}/events`), 'open'),
    'WebTransport': () => new (scope['WebTransport'] as new (url: string) => { ready: Promise<unknown> })(`${trap.replace('http:', 'https:')}/transport`).ready,
    'import of own origin': () => import(`${own}/vault-worker.js`),
    'import of another origin': () => import(`${trap}/import.js`),
    'import of a data URL': () => import(`data:text/javascript,export default ${1}`),
    'importScripts': () => (scope['importScripts'] as (url: string) => void)(`${trap}/script.js`),
    'a worker of its own': () => heard(new (scope['Worker'] as new (url: string) => EventTarget)(`${own}/vault-worker.js`), 'message'),
    'a blob worker': () => heard(new (scope['Worker'] as new (url: string) => EventTarget)(URL.createObjectURL(new Blob(['postMessage(1)']))), 'message'),
    'FontFace': () => new FontFace('x', `url(${trap}/font.woff)`).load(),
  };
  const text: Record<string, () => unknown> = {
    'eval': () => (0, eval)('1 + 1'),
    'Function': () => new Function('return 2')(),
  };
  const outcome = async (way: () => unknown): Promise<string> => {
    try {
      const result = await way();
      return typeof result === 'string' ? result : 'OUT';
    } catch (error) {
      return `blocked: ${(error as Error).name}`;
    }
  };
  // From a task of its own: what the test's connection runs directly may be exempt from the policy on eval.
  return new Promise((done) => scope.setTimeout(() => {
    const all = Object.entries({ ...ways, ...text }).map(async ([name, way]) => [name, await outcome(way)] as const);
    void Promise.all(all).then((outcomes) => done(Object.fromEntries(outcomes)));
  }));
}

test('nothing gets out of a worker that holds keys: no request, no script, no eval', async ({ world }) => {
  const heard: string[] = [];
  const trapServer = http.createServer((request, response) => { heard.push(request.url ?? ''); response.end('export default 1'); });
  trapServer.on('upgrade', (request, socket) => { heard.push(request.url ?? ''); socket.destroy(); });
  await new Promise<void>((done) => trapServer.listen(0, '127.0.0.1', done));
  const trap = `http://127.0.0.1:${(trapServer.address() as AddressInfo).port}`;

  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('walled', 'correct horse battery staple');
  const workers = screens.page.workers();
  const crypto = workers.filter((worker) => /vault-worker[^/]*\.js/.test(worker.url()));
  const courier = workers.find((worker) => /courier[^/]*\.js/.test(worker.url()));
  expect(crypto.length).toBeGreaterThanOrEqual(2); // the engine and a lane
  for (const worker of crypto) {
    const outcomes = await worker.evaluate(tryEverything, { trap, own: server.url });
    expect(Object.entries(outcomes).filter(([, outcome]) => !outcome.startsWith('blocked'))).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(16);
  }
  expect(heard).toEqual([]);

  // The same attempts do get out of the worker that may reach the network, so they are real.
  expect(courier).toBeDefined();
  const reached = await (courier as Worker).evaluate(async (url) => (await fetch(`${url}/control`, { mode: 'no-cors' })).type, trap);
  expect(reached).toBe('opaque');
  expect(heard).toEqual(['/control']);
  await new Promise((done) => trapServer.close(done).closeAllConnections());
});
