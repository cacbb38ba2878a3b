/**
 * The service worker for streamed downloads. It never holds a key: it gets verified plaintext of a restore from its
 * page, gives it to the browser's downloads, and forwards nothing.
 */

import { free } from './freed.js';

/** From the page, on the download's own port. */
export type ToDownload = { chunk: Uint8Array } | 'end' | 'abort';
/** To the page: a chunk was taken; nobody wants the rest. */
export type FromDownload = 'ready' | 'taken' | 'cancelled';
/** From the page, once for each download; its port comes along. `ping` only keeps this worker alive. */
export type ToServiceWorker = { download: { id: string; name: string; size?: number } } | 'ping';

interface ServiceWorkerScope {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: { waitUntil(until: Promise<void>): void }) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToServiceWorker>) => void): void;
  addEventListener(type: 'fetch', listener: (event: { request: Request; respondWith(response: Response): void }) => void): void;
}
const scope = self as unknown as ServiceWorkerScope;

interface Download { name: string; size?: number; stream: ReadableStream<Uint8Array> }
const downloads = new Map<string, Download>();

scope.addEventListener('install', event => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', event => event.waitUntil(scope.clients.claim()));

scope.addEventListener('message', ({ data, ports }) => {
  const [port] = ports;
  if (data === 'ping' || !port) return;
  const { id, name, size } = data.download;
  downloads.set(id, { name, size, stream: received(port) });
  send(port, 'ready');
});

scope.addEventListener('fetch', event => {
  const id = /\/strongroom-download\/([0-9a-f-]{36})$/.exec(new URL(event.request.url).pathname)?.[1];
  const download = id && downloads.get(id);
  if (!download) return;
  downloads.delete(id);
  const { name, size, stream } = download;
  const headers = new Headers({
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escape)}`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
  if (size !== undefined) headers.set('Content-Length', String(size));
  event.respondWith(new Response(stream, { headers }));
});

/** The chunks that come over a port, each acknowledged when the browser has taken it. */
function received(port: MessagePort): ReadableStream<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let wake = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      port.onmessage = ({ data }: MessageEvent<ToDownload>) => {
        if (data === 'end') ended = true;
        else if (data === 'abort') controller.error(new Error('The restore ended early.'));
        else waiting.push(data.chunk);
        wake();
      };
    },
    async pull(controller) {
      while (waiting.length === 0 && !ended) await new Promise<void>(resolve => { wake = resolve; });
      const chunk = waiting.shift();
      if (chunk) {
        // A copy: it counts as memory, and is collected.
        controller.enqueue(chunk.slice());
        free(chunk.buffer);
        send(port, 'taken');
      } else controller.close();
    },
    cancel() {
      send(port, 'cancelled');
    },
  }, { highWaterMark: 0 });
}

function send(port: MessagePort, message: FromDownload): void {
  port.postMessage(message);
}
