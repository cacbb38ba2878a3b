/** Reads every restored file back once it is written, and compares it with what the vault gave. */
import { StrongroomError, toFailure } from './errors.js';
import { free } from './freed.js';
import type { SinkPart } from './messages.js';
import type { Resumable } from './there.js';
import type { Checked, Left } from './types.js';

/** What says where it wrote a file. */
export interface ReadableWriter extends Resumable {
  write(part: SinkPart, pieces: Uint8Array[], wrote?: (handle: FileSystemFileHandle) => void): Promise<void>;
}

/** Part of a file as it was given, by its hash: the bytes themselves are not kept. */
interface Given { offset: number; length: number; hash: ArrayBuffer }

/** A small file as it was given, and where it was written to. */
interface Small { path: string[]; bytes: Uint8Array<ArrayBuffer>; handle: FileSystemFileHandle }

/** Files up to this many bytes are kept as they are and read back some at a time, which costs a browser half as much. */
const SMALL = 64 * 1024;
/** So many of them, or so many bytes. */
const SOME = 32;
const SOME_BYTES = 1024 * 1024;

/** Files that are not right are named in the report, at most so many. */
const NAMED = 1_000;

export class CheckedWriter implements Resumable {
  readonly #inner: ReadableWriter;
  /** Of larger files that are being written. */
  readonly #given = new Map<number, Promise<Given>[]>();
  #small: Small[] = [];
  #smallBytes = 0;
  readonly #checked: Checked = { files: 0, bytes: 0, wrong: [], wrongCount: 0 };

  constructor(inner: ReadableWriter) {
    this.#inner = inner;
  }

  /** What came of it, so far. */
  get checked(): Checked { return this.#checked; }

  folder(path: string[], mtime?: number): Promise<void> { return this.#inner.folder(path, mtime); }

  async write(part: SinkPart, pieces: Uint8Array[]): Promise<void> {
    if (part.size <= SMALL && part.offset === 0 && part.last) await this.#writeSmall(part, pieces);
    else await this.#writeLarge(part, pieces);
  }

  /** What is found is read by lanes: it needs no reading back. */
  find(path: string[]): Promise<File | undefined> { return this.#inner.find(path); }

  async discard(file: number, path: string[]): Promise<void> {
    this.#given.delete(file);
    await this.#inner.discard(file, path);
  }

  async close(): Promise<string[]> {
    await this.#compareSmall();
    return this.#inner.close();
  }

  abort(reason: unknown): Promise<void> { return this.#inner.abort(reason); }

  async #writeSmall(part: SinkPart, pieces: Uint8Array[]): Promise<void> {
    const bytes = joined(pieces);
    await this.#inner.write(part, pieces, handle => this.#small.push({ path: part.path, bytes, handle }));
    this.#smallBytes += bytes.length;
    // This file's answer waits for the others of its group, so that no more are written than are read back.
    if (this.#small.length >= SOME || this.#smallBytes >= SOME_BYTES) await this.#compareSmall();
  }

  async #compareSmall(): Promise<void> {
    const small = this.#small;
    this.#small = [];
    this.#smallBytes = 0;
    if (small.length === 0 || await areAll(small).catch(() => false)) {
      for (const { bytes } of small) this.#isRight(bytes.length);
      return;
    }
    // One by one they show which is not right, and why.
    for (const { path, bytes, handle } of small) {
      await this.#judge(path, bytes.length, async () => {
        const found = new Uint8Array(await (await fileOf(handle, bytes.length)).arrayBuffer());
        if (!same(found, bytes)) throw notTheSame();
      });
    }
  }

  async #writeLarge(part: SinkPart, pieces: Uint8Array[]): Promise<void> {
    const { file, last, path, size } = part;
    const parts = this.#given.get(file) ?? [];
    this.#given.set(file, parts);
    if (last) this.#given.delete(file);
    const [only] = pieces;
    const bytes = only && pieces.length === 1 ? only as Uint8Array<ArrayBuffer> : joined(pieces);
    const given = hashed(part.offset, bytes);
    parts.push(given);
    let handle: FileSystemFileHandle | undefined;
    // The bytes are the caller's again only when both are done.
    await Promise.all([this.#inner.write(part, [bytes], wrote => handle = wrote), given]);
    if (bytes !== only) free(bytes.buffer);
    if (handle) await this.#compareLarge(path, size, handle, await Promise.all(parts));
  }

  #compareLarge(path: string[], size: number, handle: FileSystemFileHandle, parts: Given[]): Promise<void> {
    return this.#judge(path, size, async () => {
      const file = await fileOf(handle, size);
      for (const { offset, length, hash } of parts) {
        const bytes = await file.slice(offset, offset + length).arrayBuffer();
        const found = await crypto.subtle.digest('SHA-256', bytes);
        free(bytes);
        if (!same(new Uint8Array(found), new Uint8Array(hash))) throw notTheSame();
      }
    });
  }

  /** A file that is not right ends nothing: the others are wanted all the same. */
  async #judge(path: string[], size: number, compare: () => Promise<void>): Promise<void> {
    try {
      await compare();
      this.#isRight(size);
    } catch (error) {
      this.#checked.wrongCount++;
      if (this.#checked.wrong.length < NAMED) this.#checked.wrong.push({ path: path.join('/'), ...toFailure(error, 'sink_failed') } as Left);
    }
  }

  #isRight(size: number): void {
    this.#checked.files++;
    this.#checked.bytes += size;
  }
}

/** Whether all of these files are what was given, read as one. */
async function areAll(small: Small[]): Promise<boolean> {
  const files = await Promise.all(small.map(({ handle, bytes }) => fileOf(handle, bytes.length)));
  const found = await new Blob(files).arrayBuffer();
  let at = 0;
  const right = small.every(({ bytes }) => {
    at += bytes.length;
    return at <= found.byteLength && same(new Uint8Array(found, at - bytes.length, bytes.length), bytes);
  });
  const whole = at === found.byteLength;
  free(found);
  return right && whole;
}

async function fileOf(handle: FileSystemFileHandle, size: number): Promise<File> {
  const file = await handle.getFile();
  if (file.size !== size) throw new StrongroomError('sink_failed', `It has ${file.size} bytes where it was written to, not ${size}. Restore it once more.`);
  return file;
}

function notTheSame(): StrongroomError {
  return new StrongroomError('sink_failed', 'It is not what the vault gave, where it was written to. Check that disk, and restore it once more.');
}

async function hashed(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<Given> {
  return { offset, length: bytes.length, hash: await crypto.subtle.digest('SHA-256', bytes) };
}

/** A copy. */
function joined(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  // Not by `every`, which calls a function for each byte.
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
