/**
 * The part of a service worker that streams downloads and open files, for apps that have a service worker of their own: a page has only
 * one. It never holds a key: it gets verified plaintext from its page, gives it to the browser's downloads or to what the page itself plays,
 * and forwards nothing.
 */

import { free } from './freed.js';
import { rangeOf } from './range.js';

/** From the page, on the stream's own port. `head` comes first where the page was asked for a file. */
export type ToDownload = { chunk: Uint8Array } | { head: FileHead } | 'end' | 'abort';
/** To the page: a chunk was taken; nobody wants the rest. */
export type FromDownload = 'ready' | 'taken' | 'cancelled';
/**
 * From the page. A download's own port comes along with it; with a ping, which also keeps this worker alive, one on which it says whether it
 * knows that stream: a worker that was stopped in the middle of one starts anew, and does not. The last has it answer for the page from now on.
 */
export type ToServiceWorker = { download: { id: string; name: string; size?: number } } | { ping: string } | 'strongroom claim';

/** A file as the page has it. */
export interface FileHead { size: number; type: string }
/** To the page that asks for an open file of its own: which bytes it wants, and the name of the stream whose port comes along. */
export interface FileAsked { strongroomFile: string; stream: string; from: number; to: number }

interface Client { postMessage(message: FileAsked, transfer: Transferable[]): void }
interface ServiceWorkerScope {
  clients: { claim(): Promise<void>; get(id: string): Promise<Client | undefined> };
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
interface FetchEvent { request: Request; clientId: string; respondWith(response: Response | Promise<Response>): void }

interface Download { name: string; size?: number; stream: ReadableStream<Uint8Array> }
/** Not asked for by the browser yet. */
const downloads = new Map<string, Download>();
/** Begun here and not over. */
const known = new Set<string>();

const scope = () => self as unknown as ServiceWorkerScope;

/** Answers the requests for downloads and open files, and no others. To be called while the service worker's script is first run. */
export function serveDownloads(): void {
  scope().addEventListener('message', ({ data, ports: [port] }) => {
    if (!isOurs(data)) return;
    if (data === 'strongroom claim') void scope().clients.claim();
    else if (!port) return;
    else if ('download' in data) register(data.download, port);
    else port.postMessage(known.has(data.ping));
  });
  scope().addEventListener('fetch', answer);
}

/** The app may have messages of its own. */
function isOurs(data: unknown): data is ToServiceWorker {
  return data === 'strongroom claim' || (typeof data === 'object' && data !== null && ('download' in data || 'ping' in data));
}

function register({ id, name, size }: { id: string; name: string; size?: number }, port: MessagePort): void {
  downloads.set(id, { name, size, stream: received(id, port).body });
  send(port, 'ready');
}

function answer(event: FetchEvent): void {
  const [, kind, id = ''] = /\/strongroom-(download|file)\/([0-9a-f-]{36})$/.exec(new URL(event.request.url).pathname) ?? [];
  if (kind === 'file') return event.respondWith(openFile(event, id));
  const download = downloads.get(id);
  if (!download) return;
  downloads.delete(id);
  const { name, size, stream } = download;
  const headers = inert('application/octet-stream');
  headers.set('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escape)}`);
  if (size !== undefined) headers.set('Content-Length', String(size));
  event.respondWith(new Response(stream, { headers }));
}

/**
 * Asks the page that asks. Nothing is remembered from one request to the next, so a browser may stop this worker between two. Another page
 * gets nothing by the same address: it is asked for a file that it does not have.
 */
async function openFile({ request, clientId }: FetchEvent, id: string): Promise<Response> {
  const client = await scope().clients.get(clientId);
  if (!client) return new Response(null, { status: 404 });
  const range = rangeOf(request.headers.get('Range'));
  const { from, to } = range ?? { from: 0, to: Infinity };
  const { port1, port2 } = new MessageChannel();
  const stream = crypto.randomUUID();
  const { head, body } = received(stream, port1);
  client.postMessage({ strongroomFile: id, stream, from, to }, [port2]);
  const file = await head;
  if (!file) return new Response(null, { status: 404 });
  const { size, type } = file;
  const headers = inert(type);
  headers.set('Accept-Ranges', 'bytes');
  const end = Math.min(to, size);
  if (range && from >= end) {
    headers.set('Content-Range', `bytes */${size}`);
    void body.cancel();
    return new Response(null, { status: 416, headers });
  }
  headers.set('Content-Length', String(end - from));
  if (range) headers.set('Content-Range', `bytes ${from}-${end - 1}/${size}`);
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** What an answer must say so that nothing in it acts, wherever it is opened. */
function inert(type: string): Headers {
  return new Headers({
    'Content-Type': type,
    'Content-Disposition': 'attachment',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cache-Control': 'no-store',
  });
}

/** The chunks that come over a port, each acknowledged when the browser has taken it, and what comes before them; nothing where the page ends it first. */
function received(id: string, port: MessagePort): { head: Promise<FileHead | undefined>; body: ReadableStream<Uint8Array> } {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let wake = () => {};
  let begin!: (head: FileHead | undefined) => void;
  const head = new Promise<FileHead | undefined>(resolve => { begin = resolve; });
  known.add(id);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      port.onmessage = ({ data }: MessageEvent<ToDownload>) => {
        if (data === 'end' || data === 'abort') known.delete(id);
        if (data === 'end') ended = true;
        else if (data === 'abort') {
          begin(undefined);
          controller.error(new Error('The restore ended early.'));
        } else if ('head' in data) begin(data.head);
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
  return { head, body };
}

function send(port: MessagePort, message: FromDownload): void {
  port.postMessage(message);
}
