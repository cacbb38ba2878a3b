/** A storage in this tab's memory, on the page's thread: it outlives the workers of a vault that is locked. */
import { StrongroomError } from './errors.js';
import type { StoredObject } from './types.js';

const stores = new Map<string, MemoryStore>();

/** The store of that id; the same one every time. */
export function memoryStore(id: string): MemoryStore {
  let store = stores.get(id);
  if (!store) stores.set(id, store = new MemoryStore());
  return store;
}

/** Immutable objects by path. */
export class MemoryStore {
  readonly #objects = new Map<string, ArrayBuffer>();

  /** Creates an object; the same bytes again are no error. */
  put(path: string, bytes: ArrayBuffer): void {
    const present = this.#objects.get(path);
    if (present && !equal(present, bytes)) throw new StrongroomError('name_taken', `There is another object at ${path} already.`);
    this.#objects.set(path, bytes);
  }

  /** Puts these bytes in the place of an object. */
  replace(path: string, bytes: ArrayBuffer): void {
    this.#objects.set(path, bytes);
  }

  /** An object, or `[offset, length]` of it. */
  get(path: string, range?: [number, number]): ArrayBuffer {
    const bytes = this.#objects.get(path);
    if (!bytes) throw new StrongroomError('missing', `${path} is not in the storage.`);
    return range ? bytes.slice(range[0], range[0] + range[1]) : bytes.slice(0);
  }

  /** Also one that is not there. */
  erase(path: string): void {
    this.#objects.delete(path);
  }

  list(prefix: string): StoredObject[] {
    return [...this.#objects].filter(([path]) => path.startsWith(prefix)).map(([path, bytes]) => ({ path, length: bytes.byteLength }));
  }
}

function equal(a: ArrayBuffer, b: ArrayBuffer): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const [left, right] = [new Uint8Array(a), new Uint8Array(b)];
  return left.every((byte, place) => byte === right[place]);
}
