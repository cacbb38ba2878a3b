/** Many files as one streamed ZIP (ZIP64 where needed), made by client-zip. */
import { makeZip } from 'client-zip';
import type { SinkPart } from './messages.js';
import { zipPath } from './names.js';
import type { Writer } from './sinks.js';

type ZipEntry = { name: string; lastModified?: Date } | { name: string; lastModified?: Date; input: ReadableStream<Uint8Array>; size: number };

/** What DOS times can say, in local time. */
const EARLIEST = new Date(1980, 0, 1).getTime();
const LATEST = new Date(2107, 11, 31).getTime();
/** Bytes that small parts are gathered to. */
const GATHERED = 256 * 1024;

export class ZipWriter implements Writer {
  readonly #entries = new Queue<ZipEntry>();
  readonly #open = new Map<number, WritableStreamDefaultWriter<Uint8Array>>();
  readonly #done: Promise<void>;
  readonly #abort = new AbortController();
  #changed = 0;
  #undated = 0;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#done = makeZip(this.#entries, { buffersAreUTF8: true }).pipeThrough(gather()).pipeTo(stream, { signal: this.#abort.signal });
    this.#done.catch(() => {});
  }

  async folder(path: string[], mtime?: number): Promise<void> {
    if (path.length === 0) return;
    await this.#unlessBroken(this.#entries.push({ name: `${this.#name(path)}/`, lastModified: this.#date(mtime ?? EARLIEST) }));
  }

  async write({ file, path, size, mtime, offset, last }: SinkPart, pieces: Uint8Array[]): Promise<void> {
    if (offset === 0 && !this.#open.has(file)) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, { highWaterMark: 0 });
      this.#open.set(file, writable.getWriter());
      void this.#entries.push({ name: this.#name(path), lastModified: this.#date(mtime), input: readable, size });
    }
    const writer = this.#open.get(file)!;
    for (const piece of pieces) await this.#unlessBroken(writer.write(piece));
    if (last) await this.#end(file);
  }

  async discard(file: number): Promise<void> {
    // A ZIP is written in one go: what came of the file stays in it, and the report names the file.
    await this.#end(file);
  }

  async close(): Promise<string[]> {
    this.#entries.end();
    await this.#done;
    const notes = ['A ZIP keeps times in steps of two seconds.'];
    if (this.#undated > 0) notes.push(`${this.#undated} times could not be kept: they are not known, or beyond what a ZIP can say.`);
    if (this.#changed > 0) notes.push(`${this.#changed} names were changed so that no program mistakes them for another folder.`);
    return notes;
  }

  async abort(reason: unknown): Promise<void> {
    this.#abort.abort(reason);
    await this.#done.catch(() => {});
  }

  async #end(file: number): Promise<void> {
    const writer = this.#open.get(file);
    this.#open.delete(file);
    if (writer) await this.#unlessBroken(writer.close());
  }

  /** A stream that fails must fail what waits for it. */
  async #unlessBroken(step: Promise<void>): Promise<void> {
    await Promise.race([step, this.#done.then(() => step)]);
  }

  #name(path: string[]): string {
    const safe = zipPath(path);
    if (safe !== path.join('/')) this.#changed++;
    return safe;
  }

  #date(mtime: number | undefined): Date {
    if (mtime === undefined || mtime < EARLIEST || mtime > LATEST) this.#undated++;
    return new Date(Math.min(Math.max(mtime ?? EARLIEST, EARLIEST), LATEST));
  }
}

/**
 * Small parts become large ones: each costs a message to a download. They are copied, because client-zip measures its central records
 * only after it has given them out, and a stream that transferred one would have left it empty.
 */
function gather(): TransformStream<Uint8Array, Uint8Array> {
  let room = new Uint8Array(GATHERED);
  let length = 0;
  const flush = (to: TransformStreamDefaultController<Uint8Array>) => {
    if (length === 0) return;
    to.enqueue(room.subarray(0, length));
    room = new Uint8Array(GATHERED);
    length = 0;
  };
  return new TransformStream({
    transform(part, to) {
      if (length + part.length > GATHERED) flush(to);
      if (part.length > GATHERED / 2) {
        flush(to);
        to.enqueue(part);
      } else {
        room.set(part, length);
        length += part.length;
      }
    },
    flush,
  });
}

/** A queue between who pushes and who iterates; a push settles when it was taken. */
class Queue<T> implements AsyncIterable<T> {
  readonly #waiting: { item: T; taken: () => void }[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  async push(item: T): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push({ item, taken: resolve });
      this.#wake?.();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) {
        next.taken();
        yield next.item;
      } else if (this.#ended) return;
      else await new Promise<void>(resolve => { this.#wake = resolve; });
    }
  }
}
