/** A worker's part of a backup: chunks of a fixed length, each hashed, compressed and encrypted by itself, put together in objects. */
import { ahead } from './ahead.ts';
import type { Stored } from './messages.ts';
import type { Bytes, Pipeline } from './pipelines.ts';

const CHUNK = 1 << 20;
/** Read at one time. */
const SLICE = 4 << 20;
/** Reads under way: more bring nothing. */
const READS = 8;
/** Chunks under way, for what a browser does beside the worker's thread. */
const CHUNKS = 4;
/** As the vault's packs. */
const OBJECT = 16 << 20;
const UPLOADS = 2;

interface Slice { path: string; file: File; from: number; bytes?: Bytes }

/** Stores these files as `prefix…`; gives back what is where. */
export async function backUp(files: AsyncIterable<[path: string, file: File]>, pipeline: Pipeline, prefix: string): Promise<Stored[]> {
  const stored: Stored[] = [];
  const objects = new Objects(prefix);
  const packed = ahead(cut(ahead(slices(files), READS, read)), CHUNKS, async ({ slice, plain }) => {
    if (plain.length === 0) return { slice };
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const [hash, small] = await Promise.all([pipeline.hash(plain), pipeline.compress(plain)]);
    const isSmaller = small.length < plain.length;
    const sealed = await pipeline.seal(isSmaller ? small : plain, nonce);
    return { slice, chunk: { sealed, packed: isSmaller, nonce: [...nonce], hash: [...hash] } };
  });
  for await (const { slice, chunk } of packed) {
    if (slice.from === 0 && stored.at(-1)?.path !== slice.path) stored.push({ path: slice.path, mtime: slice.file.lastModified, chunks: [] });
    if (!chunk) continue;
    const { sealed, ...rest } = chunk;
    const place = await objects.put(sealed);
    stored.at(-1)!.chunks.push({ ...place, length: sealed.length, ...rest });
  }
  await objects.end();
  return stored;
}

async function* slices(files: AsyncIterable<[path: string, file: File]>): AsyncGenerator<Slice> {
  for await (const [path, file] of files) {
    let from = 0;
    do {
      yield { path, file, from };
      from += SLICE;
    } while (from < file.size);
  }
}

async function read(slice: Slice): Promise<Slice> {
  const blob = slice.file.slice(slice.from, slice.from + SLICE);
  return { ...slice, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

async function* cut(slices: AsyncIterable<Slice>): AsyncGenerator<{ slice: Slice; plain: Bytes }> {
  for await (const slice of slices) {
    const bytes = slice.bytes!;
    let at = 0;
    do {
      yield { slice, plain: bytes.subarray(at, at + CHUNK) };
      at += CHUNK;
    } while (at < bytes.length);
  }
}

/** Objects of 16 MiB, uploaded while the next one is filled. */
class Objects {
  #parts: Bytes[] = [];
  #length = 0;
  #count = 0;
  readonly #uploads = new Set<Promise<void>>();
  readonly #prefix: string;

  constructor(prefix: string) { this.#prefix = prefix; }

  async put(bytes: Bytes): Promise<{ object: string; offset: number }> {
    if (this.#length + bytes.length > OBJECT) await this.#send();
    const place = { object: `${this.#prefix}${this.#count}`, offset: this.#length };
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return place;
  }

  async end(): Promise<void> {
    if (this.#length > 0) await this.#send();
    await Promise.all(this.#uploads);
  }

  async #send(): Promise<void> {
    const body = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      body.set(part, at);
      at += part.length;
    }
    const upload = put(`${this.#prefix}${this.#count++}`, body).then(() => { this.#uploads.delete(upload); });
    [this.#parts, this.#length] = [[], 0];
    this.#uploads.add(upload);
    if (this.#uploads.size >= UPLOADS) await Promise.race(this.#uploads);
  }
}

export async function put(name: string, body: Bytes): Promise<void> {
  const response = await fetch(`/objects/${name}`, { method: 'PUT', body });
  if (!response.ok) throw new Error(`PUT ${name}: ${response.status}`);
}
