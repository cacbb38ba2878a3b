/** Files that elements of the page read by an address: the service worker asks the page for each part, and the page restores it then. */
import { StrongroomError, fromFailure, toFailure } from './errors.js';
import { Outlet } from './outlet.js';
import type { SinkPart } from './messages.js';
import { controllingServiceWorker, type OwnServiceWorker } from './service-worker.js';
import type { Writer } from './sinks.js';
import type { FileAsked, ToDownload } from './streaming.js';
import type { Contents, OpenFile, RestoreReport } from './types.js';

/** A part of an answer; some of them are on their way at one time. */
const CHUNK = 256 * 1024;
/** The most that is held in memory where no service worker answers. */
const MEMORY_MAX = 128 << 20;

/** How the file is read. */
export interface Reading {
  path: string;
  type: string;
  /** Restores it from about that byte on, until it is stopped. */
  readOn(from: number, writer: Writer, signal: AbortSignal): Promise<RestoreReport>;
  /** The beginning of it, in memory. */
  read(limit: number): Promise<Contents>;
}

const opened = new Map<string, Served>();
let listening = false;

/** Opens it, until it is closed or `over` says so. */
export async function openFile(reading: Reading, own: OwnServiceWorker, over: AbortSignal): Promise<OpenFile> {
  const file = await servedFile(reading, own).catch(async (error: unknown) => {
    if (error instanceof StrongroomError && error.code === 'not_supported') return fileInMemory(reading, error);
    throw error;
  });
  if (over.aborted) file.close();
  else over.addEventListener('abort', () => file.close(), { once: true });
  return file;
}

async function servedFile(reading: Reading, own: OwnServiceWorker): Promise<OpenFile> {
  const { scope } = await controllingServiceWorker(own);
  if (!listening) navigator.serviceWorker.addEventListener('message', heard);
  listening = true;
  navigator.serviceWorker.startMessages();
  const id = crypto.randomUUID();
  const file = new Served(reading, `${scope}strongroom-file/${id}`, () => opened.delete(id));
  opened.set(id, file);
  return file;
}

async function fileInMemory({ type, read }: Reading, why: StrongroomError): Promise<OpenFile> {
  const { bytes, size } = await read(MEMORY_MAX);
  if (bytes.length < size) {
    throw new StrongroomError('not_supported', `Without a service worker a file of more than ${MEMORY_MAX >> 20} MiB cannot be looked at here. Restore it instead. (${why.message})`);
  }
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  return { url, failure: undefined, close: () => URL.revokeObjectURL(url) };
}

function heard({ data, ports: [port], source }: MessageEvent<unknown>): void {
  if (!port || !isAsked(data)) return;
  const file = opened.get(data.strongroomFile);
  if (file) void file.answer(data, port, source as ServiceWorker);
  else send(port, 'abort');
}

/** The app's service worker may have messages of its own. */
function isAsked(data: unknown): data is FileAsked {
  return typeof data === 'object' && data !== null && 'strongroomFile' in data;
}

function send(port: MessagePort, message: ToDownload): void {
  port.postMessage(message);
}

class Served implements OpenFile {
  readonly url: string;
  failure: StrongroomError | undefined;
  readonly #reading: Reading;
  readonly #onClose: () => void;
  readonly #closed = new AbortController();

  constructor(reading: Reading, url: string, onClose: () => void) {
    this.url = url;
    this.#reading = reading;
    this.#onClose = onClose;
  }

  close(): void {
    this.#onClose();
    this.#closed.abort();
  }

  async answer({ stream, from, to }: FileAsked, port: MessagePort, worker: ServiceWorker): Promise<void> {
    const { path, type, readOn } = this.#reading;
    // Whoever asked has enough, or is gone.
    const over = new AbortController();
    const out = new WritableStream(new Outlet(worker, stream, port, () => over.abort())).getWriter();
    out.closed.catch(() => {});
    const answer = new Answer(path, { from, to }, out, size => send(port, { head: { size, type } }));
    try {
      const { damaged: [damage] } = await readOn(from, answer, AbortSignal.any([over.signal, this.#closed.signal]));
      if (damage) throw fromFailure(damage);
    } catch (error) {
      if (over.signal.aborted) return;
      if (!this.#closed.signal.aborted) this.failure = fromFailure(toFailure(error));
      await out.abort(error).catch(() => {});
    }
  }
}

/** Writes the wanted part of a file, and is done when all of it was taken. */
class Answer implements Writer {
  readonly #path: string;
  readonly #from: number;
  readonly #to: number;
  readonly #out: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onSize: (size: number) => void;
  #begun = false;

  constructor(path: string, { from, to }: { from: number; to: number }, out: WritableStreamDefaultWriter<Uint8Array>, onSize: (size: number) => void) {
    this.#path = path;
    this.#from = from;
    this.#to = to;
    this.#out = out;
    this.#onSize = onSize;
  }

  async folder(): Promise<void> {}

  async write({ path, size, offset, last }: SinkPart, pieces: Uint8Array[]): Promise<void> {
    if (path.join('/') !== this.#path) throw new StrongroomError('no_such_path', 'This is a folder. Only files can be opened.');
    if (!this.#begun) this.#onSize(size);
    this.#begun = true;
    let at = offset;
    for (const piece of pieces) {
      const end = Math.min(piece.length, this.#to - at);
      for (let begin = Math.max(0, this.#from - at); begin < end; begin += CHUNK) {
        await this.#out.ready;
        // A copy: the bytes are the engine's again once this is answered.
        this.#out.write(piece.slice(begin, Math.min(begin + CHUNK, end))).catch(() => {});
      }
      at += piece.length;
    }
    if (last || at >= this.#to) await this.#out.close();
  }

  async discard(): Promise<void> {}
  async close(): Promise<string[]> { return []; }
  async abort(): Promise<void> {}
}
