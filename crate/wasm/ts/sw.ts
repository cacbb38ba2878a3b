/** A service worker that streams downloads and does nothing else, for pages that have none of their own. */

import { serveDownloads } from './streaming.js';

interface ServiceWorkerScope {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: { waitUntil(until: Promise<void>): void }) => void): void;
}
const scope = self as unknown as ServiceWorkerScope;

scope.addEventListener('install', event => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', event => event.waitUntil(scope.clients.claim()));
serveDownloads();
