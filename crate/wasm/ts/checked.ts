/** Reads every restored file back once it is written, and compares it with what the vault gave. */
import { StrongroomError, toFailure } from './errors.js';
import { free } from './freed.js';
import type { SinkPart } from './messages.js';
import type { Resumable } from './there.js';
import type { Checked, Left } from './types.js';

/** What can say where it wrote a file. */
export interface ReadableWriter extends Resumable {
  written(path: string[]): Promise<FileSystemFileHandle>;
}

/** Part of a file as it was given, by its hash: the bytes themselves are not kept. */
interface Given { offset: number; length: number; hash: ArrayBuffer }

/** Files that are not right are named in the report, at most so many. */
const NAMED = 1_000;

export class CheckedWriter implements Resumable {
  readonly #inner: ReadableWriter;
  /** Of files that are being written. */
  readonly #given = new Map<number, Promise<Given>[]>();
  readonly #checked: Checked = { files: 0, bytes: 0, wrong: [], wrongCount: 0 };

  constructor(inner: ReadableWriter) {
    this.#inner = inner;
  }

  /** What came of it, so far. */
  get checked(): Checked { return this.#checked; }

  folder(path: string[], mtime?: number): Promise<void> { return this.#inner.folder(path, mtime); }

  async write(part: SinkPart, pieces: Uint8Array[]): Promise<void> {
    const { file, last } = part;
    const parts = this.#given.get(file) ?? [];
    this.#given.set(file, parts);
    const given = hashed(part.offset, pieces);
    parts.push(given);
    if (last) this.#given.delete(file);
    // The bytes are the caller's again only when both are done.
    await Promise.all([this.#inner.write(part, pieces), given]);
    if (last) await this.#compare(part, await Promise.all(parts));
  }

  /** What is found is read by lanes: it needs no reading back. */
  find(path: string[]): Promise<File | undefined> { return this.#inner.find(path); }

  async discard(file: number, path: string[]): Promise<void> {
    this.#given.delete(file);
    await this.#inner.discard(file, path);
  }

  close(): Promise<string[]> { return this.#inner.close(); }
  abort(reason: unknown): Promise<void> { return this.#inner.abort(reason); }

  /** A file that is not right ends nothing: the others are wanted all the same. */
  async #compare({ path, size }: SinkPart, parts: Given[]): Promise<void> {
    try {
      const file = await (await this.#inner.written(path)).getFile();
      if (file.size !== size) throw new StrongroomError('sink_failed', `It has ${file.size} bytes where it was written to, not ${size}. Restore it once more.`);
      for (const { offset, length, hash } of parts) {
        const bytes = await file.slice(offset, offset + length).arrayBuffer();
        const found = await crypto.subtle.digest('SHA-256', bytes);
        free(bytes);
        if (!same(found, hash)) throw new StrongroomError('sink_failed', 'It is not what the vault gave, where it was written to. Check that disk, and restore it once more.');
      }
      this.#checked.files++;
      this.#checked.bytes += size;
    } catch (error) {
      this.#checked.wrongCount++;
      if (this.#checked.wrong.length < NAMED) this.#checked.wrong.push({ path: path.join('/'), ...toFailure(error, 'sink_failed') } as Left);
    }
  }
}

async function hashed(offset: number, pieces: Uint8Array[]): Promise<Given> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  free(bytes.buffer);
  return { offset, length: at, hash };
}

function same(one: ArrayBuffer, other: ArrayBuffer): boolean {
  const [left, right] = [new Uint8Array(one), new Uint8Array(other)];
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
