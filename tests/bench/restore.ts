/** A worker's part of a restore, into a folder; every chunk's hash is checked. */
import { ahead } from './ahead.ts';
import type { Chunk, Stored } from './messages.ts';
import type { Bytes, Pipeline } from './pipelines.ts';

/** Files being opened, and as many being closed: both take the browser a while. */
const FILES = 8;
/** Objects at hand: files follow one another in them. */
const OBJECTS = 3;

export async function restore(files: Stored[], root: FileSystemDirectoryHandle, pipeline: Pipeline): Promise<void> {
  const [objects, folders] = [new Fetched(files), new Map([['', Promise.resolve(root)]])];
  const folder = (path: string): Promise<FileSystemDirectoryHandle> => {
    let found = folders.get(path);
    if (!found) {
      const slash = path.lastIndexOf('/');
      found = folder(path.slice(0, Math.max(slash, 0))).then(above => above.getDirectoryHandle(path.slice(slash + 1), { create: true }));
      folders.set(path, found);
    }
    return found;
  };
  const opened = ahead(files, FILES, async ({ path, chunks }) => {
    const slash = path.lastIndexOf('/');
    const handle = await (await folder(path.slice(0, Math.max(slash, 0)))).getFileHandle(path.slice(slash + 1), { create: true });
    return { chunks, writer: await handle.createWritable() };
  });
  const closing = new Set<Promise<void>>();
  for await (const { chunks, writer } of opened) {
    for (const chunk of chunks) await writer.write(await unpacked(chunk, await objects.get(chunk.object), pipeline));
    const closed = writer.close().then(() => { closing.delete(closed); });
    closing.add(closed);
    if (closing.size >= FILES) await Promise.race(closing);
  }
  await Promise.all(closing);
}

/** One chunk's plaintext. */
export async function unpacked({ offset, length, packed, nonce, hash }: Chunk, object: Bytes, pipeline: Pipeline): Promise<Bytes> {
  const text = await pipeline.open(object.subarray(offset, offset + length), new Uint8Array(nonce));
  const plain = packed ? await pipeline.expand(text) : text;
  const actual = await pipeline.hash(plain);
  if (actual.some((byte, at) => byte !== hash[at])) throw new Error('a chunk is not what it was');
  return plain;
}

/** Objects in the order in which they are needed, the next one on its way. */
class Fetched {
  readonly #order: string[];
  readonly #held = new Map<string, Promise<Bytes>>();

  constructor(files: Stored[]) {
    this.#order = [...new Set(files.flatMap(file => file.chunks.map(chunk => chunk.object)))];
  }

  get(name: string): Promise<Bytes> {
    const next = this.#order[this.#order.indexOf(name) + 1];
    if (next !== undefined) void this.#fetch(next);
    return this.#fetch(name);
  }

  #fetch(name: string): Promise<Bytes> {
    let held = this.#held.get(name);
    if (!held) {
      held = get(name);
      this.#held.set(name, held);
      if (this.#held.size > OBJECTS) this.#held.delete(this.#held.keys().next().value!);
    }
    return held;
  }
}

export async function get(name: string): Promise<Bytes> {
  const response = await fetch(`/objects/${name}`);
  if (!response.ok) throw new Error(`GET ${name}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
