/** The page's side of the worker: commands, and what they write to. */
import { StrongroomError, toFailure } from '../errors.js';
import type { Writer } from '../sinks.js';
import { trusted } from '../trusted.js';
import type { Command, FromWorker, Progress, ToWorker } from './messages.js';
import type { ToSink } from './reader.js';

interface Options { writer?: Writer; onProgress?(progress: Progress): void; signal?: AbortSignal }
interface Call extends Options { resolve(value: unknown): void; reject(error: unknown): void }

export class Link {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  /** What was chosen, by the run that opened it: the newest that could be opened, and one that is being opened. */
  readonly #chosen = new Map<number, File[]>();
  #next = 1;

  /** `module` is given over. */
  constructor(script: string, module: ArrayBuffer) {
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    this.#worker = new Worker(trusted(url));
    // WebKit may not have read it before the worker speaks.
    this.#worker.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onerror = event => this.#die(event.message);
    this.#post({ module }, [module]);
  }

  /** Runs one command; call again when it has ended. */
  call<T>(command: Command, options: Options = {}): Promise<T> {
    const run = this.#next++;
    const { signal } = options;
    const cancel = () => this.#post({ cancel: run });
    if ('open' in command) this.#chosen.set(run, 'zip' in command.open ? [command.open.zip] : command.open.files.map(([, file]) => file));
    return new Promise<unknown>((resolve, reject) => {
      this.#calls.set(run, { ...options, resolve, reject });
      signal?.addEventListener('abort', cancel);
      this.#post({ run, command });
    }).finally(() => {
      this.#calls.delete(run);
      signal?.removeEventListener('abort', cancel);
    }) as Promise<T>;
  }

  #hear(message: FromWorker): void {
    if ('read' in message) return void this.#read(message);
    const call = this.#calls.get(message.run);
    if (!call) return;
    if ('done' in message || 'failed' in message) this.#keep(message);
    if ('done' in message) call.resolve(message.done);
    else if ('failed' in message) call.reject(new StrongroomError(message.failed.code, message.failed.message, message.failed.path));
    else if ('progress' in message) call.onProgress?.(message.progress);
    else void this.#write(call, message.run, message.id, message.sink);
  }

  /** Of what was chosen, what the worker still has. */
  #keep(ended: { run: number; done: unknown } | { run: number; failed: unknown }): void {
    if (!this.#chosen.has(ended.run)) return;
    if ('failed' in ended) this.#chosen.delete(ended.run);
    else for (const run of this.#chosen.keys()) if (run !== ended.run) this.#chosen.delete(run);
  }

  /** WebKit lets no worker of a page from disk read what was chosen. */
  async #read({ read, number: { open, at }, start, end }: Extract<FromWorker, { read: number }>): Promise<void> {
    try {
      const bytes = await this.#chosen.get(open)![at]!.slice(start, end).arrayBuffer();
      this.#post({ read, bytes }, [bytes]);
    } catch (error) {
      const { name, message } = error as Error;
      this.#post({ read, failed: { name, message } });
    }
  }

  async #write({ writer }: Call, run: number, id: number, sink: ToSink): Promise<void> {
    try {
      if (writer) await take(writer, sink);
      this.#post({ run, id });
    } catch (error) {
      this.#post({ run, id, failed: toFailure(error).message });
    }
  }

  #die(why: string): void {
    const error = new StrongroomError('internal', `The reader could not run (${why}). Open this page in a current Chrome, Edge, Firefox or Safari.`);
    for (const call of this.#calls.values()) call.reject(error);
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

function take(writer: Writer, sink: ToSink): Promise<void> {
  if ('folder' in sink) return writer.folder(sink.folder, sink.mtime);
  if ('discard' in sink) return writer.discard(sink.file, sink.discard);
  const { write: path, file, size, mtime, offset, last, bytes } = sink;
  return writer.write({ path, file, size, offset, last, ...(mtime === undefined ? {} : { mtime }) }, [bytes]);
}
