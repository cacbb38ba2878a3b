/** Bytes on their way to the service worker: no faster than it takes them, and an end with a reason where it is gone. */
import { StrongroomError } from './errors.js';
import type { FromDownload, ToDownload, ToServiceWorker } from './streaming.js';

/** Firefox stops a service worker after 30 s even in the middle of a stream, unless it gets a message. */
export const PING_MS = 10_000;
/** A worker that has left so many pings unanswered, while chunks wait for it, is dead. */
const UNANSWERED_MAX = 3;
/** Chunks on their way to the service worker. */
const AHEAD = 4;

/** To be given to a `WritableStream`, which begins to watch the worker. */
export class Outlet implements UnderlyingSink<Uint8Array> {
  /** The worker has taken it on. */
  readonly ready: Promise<void>;
  readonly #port: MessagePort;
  readonly #worker: ServiceWorker;
  readonly #id: string;
  readonly #onEnd: (why: StrongroomError | undefined) => void;
  #credit = AHEAD;
  #unanswered = 0;
  #ping: ReturnType<typeof setInterval> | undefined;
  #broken: StrongroomError | undefined;
  #wake = () => {};

  /** `id` is what the worker knows the stream of this port by; `onEnd` hears once that it is over, and why where it broke off. */
  constructor(worker: ServiceWorker, id: string, port: MessagePort, onEnd: (why: StrongroomError | undefined) => void) {
    this.#worker = worker;
    this.#id = id;
    this.#port = port;
    this.#onEnd = onEnd;
    this.ready = new Promise(resolve => {
      port.onmessage = ({ data }: MessageEvent<FromDownload>) => {
        if (data === 'ready') resolve();
        else if (data === 'taken') this.#credit++;
        else this.#break(new StrongroomError('cancelled', 'The download was cancelled in the browser.'));
        this.#wake();
      };
    });
    // Where browsers say so, sooner than pings do.
    port.addEventListener('close', () => this.#break(gone()));
  }

  start(): void {
    this.#ping = setInterval(() => this.#beat(), PING_MS);
  }

  async write(chunk: Uint8Array): Promise<void> {
    while (this.#credit <= 0 && !this.#broken) await this.#heard();
    if (this.#broken) throw this.#broken;
    this.#credit--;
    this.#send({ chunk }, [chunk.buffer]);
  }

  async close(): Promise<void> {
    while (this.#credit < AHEAD && !this.#broken) await this.#heard();
    // A browser that has every byte may well cancel the nothing that is left.
    if (this.#broken && (this.#credit < AHEAD || this.#broken.code !== 'cancelled')) throw this.#broken;
    this.#send('end');
    this.#end();
  }

  abort(): void {
    this.#send('abort');
    this.#end();
  }

  #heard(): Promise<void> {
    return new Promise(resolve => { this.#wake = resolve; });
  }

  #send(message: ToDownload, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** A worker that was stopped starts anew with the ping, and knows of nothing. */
  #beat(): void {
    if (this.#unanswered >= UNANSWERED_MAX && this.#credit < AHEAD) return this.#break(gone());
    this.#unanswered++;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data: knows }: MessageEvent<boolean>) => {
      port1.close();
      this.#unanswered = 0;
      if (!knows) this.#break(gone());
    };
    const message: ToServiceWorker = { ping: this.#id };
    this.#worker.postMessage(message, [port2]);
  }

  #break(why: StrongroomError): void {
    if (this.#broken) return;
    this.#broken = why;
    this.#send('abort');
    this.#end();
    this.#wake();
  }

  #end(): void {
    if (this.#ping === undefined) return;
    clearInterval(this.#ping);
    this.#ping = undefined;
    this.#onEnd(this.#broken);
  }
}

function gone(): StrongroomError {
  return new StrongroomError('sink_failed', 'The browser ended the download before it was whole: its service worker stopped. Delete what came of it and download again, or restore into a folder.');
}
