/** The objects of vaults in a folder or a ZIP of one, wherever in it they lie (FORMAT.md §2). They are read in ranges, never whole vaults. */
import { unzip, type Reader, type ZipEntry } from 'unzipit';
import { StrongroomError } from '../errors.js';

/** A file, by its path in the folder that was chosen. */
export type Listed = [path: string, file: File];

/** One vault that was found. */
export interface FoundVault {
  /** 32 hex digits. */
  id: string;
  objects: number;
  bytes: number;
  /** What can be opened with the passphrase: not one that only the vault's broker can check. */
  passphrase: 'here' | 'broker' | 'none';
  recovery: boolean;
}

/** What a file or an entry of a ZIP holds, in parts. */
export interface Stored {
  size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The file, where it can be read here. */
  readonly file?: Blob | undefined;
}

const OBJECT = /^(?:(.*)\/)?((?:pack|index|snap|slot)\/(?:[0-9a-f]{64}|[0-9a-f]{32}))$/;
const PASSPHRASE = 'slot/00000000000000000000000000000001';
const RECOVERY = 'slot/00000000000000000000000000000002';
/** Of a slot's clear preamble (FORMAT.md §6). */
const PREAMBLE = 128;
const OPAQUE = 2;
/** The longest object (FORMAT.md §13). What says that it is longer is none, and nothing is allocated for it. */
const LONGEST = 1 << 24;
/** Objects of a ZIP that were unpacked and may be wanted again, of 16 MiB at most. */
const UNPACKED = 4;

/** The objects of one vault, by `kind/name`. */
export class Objects {
  readonly #stored: Map<string, Stored>;

  constructor(stored: Map<string, Stored>) {
    this.#stored = stored;
  }

  /** Names and lengths of all of a kind. */
  list(kind: string): { names: string[]; lengths: Float64Array } {
    const found = [...this.#stored].filter(([name]) => name.startsWith(`${kind}/`));
    return { names: found.map(([name]) => name.slice(kind.length + 1)), lengths: Float64Array.from(found, ([, { size }]) => size) };
  }

  /** Some bytes, or fewer where the object ends; nothing of an object that is not there. */
  async read(name: string, offset = 0, length = Infinity): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const stored = this.#stored.get(name);
    if (!stored) return undefined;
    return stored.read(Math.min(offset, stored.size), Math.min(offset + length, stored.size));
  }

  async describe(): Promise<FoundVault | undefined> {
    const [passphrase, recovery] = await Promise.all([PASSPHRASE, RECOVERY].map(slot => this.read(slot, 0, PREAMBLE)));
    const preamble = recovery ?? passphrase;
    if (!preamble || preamble.length < PREAMBLE) return undefined;
    const id = Array.from(preamble.subarray(24, 40), byte => byte.toString(16).padStart(2, '0')).join('');
    const bytes = [...this.#stored.values()].reduce((sum, { size }) => sum + size, 0);
    return {
      id, bytes, objects: this.#stored.size, recovery: recovery !== undefined,
      passphrase: !passphrase ? 'none' : passphrase[6] === OPAQUE ? 'broker' : 'here',
    };
  }
}

/** The vaults in a ZIP. What was packed without compression is read where it lies, where that can be. */
export async function inZip(zip: Stored): Promise<Objects[]> {
  const reader: Reader = {
    getLength: async () => zip.size,
    read: (offset, size) => zip.read(offset, offset + size),
    sliceAsBlob: async (offset, length, type) => zip.file?.slice(offset, offset + length, type) ?? new Blob([await zip.read(offset, offset + length)]),
  };
  const { entries } = await unzip(reader).catch((error: unknown) => {
    if (error instanceof DOMException) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('bad_request', `This is not a ZIP that can be read (${why}). Choose another, or unpack it and choose the folder.`);
  });
  const unpacked = new Map<ZipEntry, Promise<Blob | ArrayBuffer>>();
  return inFolder(Object.values(entries).filter(entry => !entry.isDirectory && entry.size <= LONGEST).map(entry => [entry.name, {
    size: entry.size,
    read: async (start, end) => {
      let whole = unpacked.get(entry);
      if (whole) unpacked.delete(entry);
      else if (unpacked.size >= UNPACKED) unpacked.delete(unpacked.keys().next().value!);
      unpacked.set(entry, whole ??= zip.file ? entry.blob() : entry.arrayBuffer());
      const part = (await whole).slice(start, end);
      return new Uint8Array(part instanceof Blob ? await part.arrayBuffer() : part);
    },
  }]));
}

/** The vaults in a folder, by the paths in it. */
export function inFolder(files: [path: string, stored: Stored][]): Objects[] {
  const vaults = new Map<string, Map<string, Stored>>();
  for (const [path, stored] of files) {
    const [, folder = '', name] = OBJECT.exec(path) ?? [];
    if (name === undefined) continue;
    let vault = vaults.get(folder);
    if (!vault) vaults.set(folder, vault = new Map());
    vault.set(name, stored);
  }
  return [...vaults.values()].map(stored => new Objects(stored));
}
