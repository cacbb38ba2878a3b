/**
 * The page's service worker. It keeps the files of the page, so that the page opens without a network, and streams downloads. It holds
 * no key, and nothing of a vault but what passes through it on its way to the browser's downloads.
 *
 * A page and its worker are always of one release: the next release waits until nothing is at work in any tab and somebody takes it.
 */

import { serveDownloads } from 'strongroom/streaming.js';
import { KEEP, TAKE_OVER, type TakeOverAnswer } from './to-worker.ts';
import { WORK } from './work.ts';

interface Extendable { waitUntil(until: Promise<unknown>): void }
interface Install extends Extendable { /** Chromium's; what goes to the network anyway goes without waking this worker. */ addRoutes?(routes: object[]): Promise<void> }
interface FetchEvent { request: Request; respondWith(response: Promise<Response>): void }
interface ServiceWorkerScope {
  registration: { active: unknown };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(type: 'install', listener: (event: Install) => void): void;
  addEventListener(type: 'activate', listener: (event: Extendable) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown> & Extendable) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
const scope = self as unknown as ServiceWorkerScope;

/** Every file of the page but this one, with its SHA-256 in hex: the build writes it here (`build/release.ts`). */
const FILES = JSON.parse('__STRONGROOM_FILES__') as Record<string, string>;
const RELEASE = 'release.json';
const PREFIX = 'strongroom page ';

const text = new TextEncoder();
const hashed = sha256(text.encode(JSON.stringify(FILES)));
const cacheName = async (): Promise<string> => PREFIX + await hashed;

scope.addEventListener('install', (event) => {
  event.waitUntil(event.addRoutes?.(
    [...['PUT', 'POST', 'DELETE'].map((requestMethod) => ({ requestMethod })), ...['/api/*', '/storage/*'].map((urlPattern) => ({ urlPattern }))]
      .map((condition) => ({ condition, source: 'network' })),
  ).catch(() => undefined) ?? Promise.resolve());
  // A first worker is wanted for downloads even where the files cannot be kept; a later one without its files must not take the place of one with.
  event.waitUntil(keepAll().catch((error: unknown) => { if (scope.registration.active) throw error; }));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(forgetOlder().then(() => scope.clients.claim()));
});

scope.addEventListener('message', (event) => {
  if (event.data === KEEP) event.waitUntil(keepAll().catch(() => undefined));
  if (event.data !== TAKE_OVER) return;
  const [port] = event.ports;
  event.waitUntil(takeOver().then((answer) => port?.postMessage(answer)));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  if (name in FILES || name === RELEASE) event.respondWith(kept(name, request));
  // A tab of the release before may still want a part of it that it had not loaded yet.
  else if (name.startsWith('assets/')) event.respondWith(caches.match(request, { ignoreVary: true }).then((found) => found ?? fetch(request)));
});

serveDownloads();

/** A browser that is short of space may have thrown the files away: then the network has them. */
async function kept(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(await cacheName());
  return await cache.match(`/${name}`, { ignoreVary: true }) ?? fetch(request);
}

/** Keeps all files that are not kept yet, each only if it is what the build made. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(await cacheName());
  await Promise.all([keepList(cache), ...Object.entries(FILES).map(async ([name, hash]) => {
    if (await cache.match(`/${name}`)) return;
    const response = await load(name);
    if (await sha256(await response.clone().arrayBuffer()) !== hash) throw new Error(`${name} is not of this release`);
    await cache.put(`/${name}`, response);
  })]);
}

/** The list names this worker as well, whose hash it cannot know of itself. */
async function keepList(cache: Cache): Promise<void> {
  if (await cache.match(`/${RELEASE}`)) return;
  const response = await load(RELEASE);
  const { files } = await response.clone().json() as { files: Record<string, string> };
  if (Object.entries(FILES).some(([name, hash]) => files[name] !== hash)) throw new Error(`${RELEASE} is of another release`);
  await cache.put(`/${RELEASE}`, response);
}

async function load(name: string): Promise<Response> {
  const response = await fetch(`/${name}`, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`${name}: status ${response.status}`);
  return response;
}

/** All but this release's files and those of the one before. */
async function forgetOlder(): Promise<void> {
  const own = await cacheName();
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== own);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
}

/** Takes the place of the worker before, unless something is at work in a tab of it. */
async function takeOver(): Promise<TakeOverAnswer> {
  return navigator.locks.request(WORK, { ifAvailable: true }, async (lock): Promise<TakeOverAnswer> => {
    if (!lock) return 'busy';
    await scope.skipWaiting();
    return 'taken';
  });
}

async function sha256(bytes: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
