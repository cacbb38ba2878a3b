/**
 * The part of a service worker that streams downloads, for apps that have a service worker of their own: a page has only one. It never
 * holds a key: it gets verified plaintext of a restore from its page, gives it to the browser's downloads, and forwards nothing.
 */

import { free } from './freed.js';

/** From the page, on the download's own port. */
export type ToDownload = { chunk: Uint8Array } | 'end' | 'abort';
/** To the page: a chunk was taken; nobody wants the rest. */
export type FromDownload = 'ready' | 'taken' | 'cancelled';
/** From the page, once for each download; its port comes along. `ping` only keeps this worker alive. */
export type ToServiceWorker = { download: { id: string; name: string; size?: number } } | 'ping';

interface ServiceWorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
interface FetchEvent { request: Request; respondWith(response: Response): void }

interface Download { name: string; size?: number; stream: ReadableStream<Uint8Array> }
const downloads = new Map<string, Download>();

/** Answers the requests for downloads, and no others. To be called while the service worker's script is first run. */
export function serveDownloads(): void {
  const scope = self as unknown as ServiceWorkerScope;
  scope.addEventListener('message', ({ data, ports: [port] }) => {
    if (isDownload(data) && port) register(data.download, port);
  });
  scope.addEventListener('fetch', answer);
}

/** The app may have messages of its own. */
function isDownload(data: unknown): data is Exclude<ToServiceWorker, 'ping'> {
  return typeof data === 'object' && data !== null && 'download' in data;
}

function register({ id, name, size }: Exclude<ToServiceWorker, 'ping'>['download'], port: MessagePort): void {
  downloads.set(id, { name, size, stream: received(port) });
  send(port, 'ready');
}

function answer(event: FetchEvent): void {
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
}

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
