/** Restores into a folder of the user's, with the folders of the snapshot. */
import { StrongroomError } from './errors.js';
import { free, letGo } from './freed.js';
import type { SinkPart } from './messages.js';
import { SafeNames } from './names.js';
import type { Resumable } from './there.js';

export class DirectoryWriter implements Resumable {
  readonly #names = new SafeNames();
  readonly #folders = new Map<string, Promise<Folder>>();
  readonly #open = new Map<number, Promise<Opened>>();

  constructor(root: FileSystemDirectoryHandle) {
    this.#folders.set('', Promise.resolve(new Folder(root, true)));
  }

  async folder(path: string[]): Promise<void> {
    await this.#folder(path);
  }

  /** `wrote` is told where a file lies once it is whole. */
  async write({ file, path, last }: SinkPart, pieces: Uint8Array[], wrote?: (handle: FileSystemFileHandle) => void): Promise<void> {
    let opening = this.#open.get(file);
    if (!opening) this.#open.set(file, opening = this.#create(path));
    const { handle, stream } = await opening;
    const bytes = joined(pieces);
    if (last) {
      this.#open.delete(file);
      letGo();
    }
    // One call for each, and the second before the first is answered: every one goes through several processes.
    await Promise.all([bytes.length > 0 && stream.write(bytes), last && stream.close()]);
    if (pieces.length > 1) free(bytes.buffer);
    if (last) wrote?.(handle);
  }

  /** A file under a name that this system cannot take is not looked for: it is written anew. */
  async find(path: string[]): Promise<File | undefined> {
    const name = path.at(-1) ?? '';
    const folder = await this.#folder(path.slice(0, -1));
    if (!(await folder.lay()).has(name)) return undefined;
    return (await folder.handle.getFileHandle(name)).getFile();
  }

  async discard(file: number): Promise<void> {
    const opening = this.#open.get(file);
    this.#open.delete(file);
    // An aborted stream leaves the file as it was before: absent, or empty if it was just made.
    await (await opening)?.stream.abort();
  }

  async close(): Promise<string[]> {
    const notes = ['Browsers cannot set times: the files have the time of this restore.'];
    if (this.#names.changed > 0) notes.push(`${this.#names.changed} names were changed, because this system could not take them as they were.`);
    return notes;
  }

  async abort(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async opened => (await opened).stream.abort()));
  }

  async #create(path: string[]): Promise<Opened> {
    const name = path.at(-1);
    if (name === undefined) throw new StrongroomError('internal', 'A file without a name.');
    const parent = path.slice(0, -1);
    const folder = await this.#folder(parent);
    const handle = await this.#named(parent, name, named => folder.handle.getFileHandle(named, { create: true }));
    return { handle, stream: await handle.createWritable() };
  }

  /** Under its own name if the browser takes it, else under a safe one: Chromium refuses what any system forbids. */
  async #named<H>(parent: string[], name: string, create: (name: string) => Promise<H>): Promise<H> {
    try {
      return await create(name);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return create(this.#names.of(parent.join('/'), name));
    }
  }

  #folder(path: string[]): Promise<Folder> {
    const key = path.join('/');
    let folder = this.#folders.get(key);
    if (!folder) this.#folders.set(key, folder = this.#make(path));
    return folder;
  }

  async #make(path: string[]): Promise<Folder> {
    const parent = path.slice(0, -1);
    const above = await this.#folder(parent);
    const lay = await above.lay().catch(() => undefined);
    const handle = await this.#named(parent, path.at(-1) ?? '', name => above.handle.getDirectoryHandle(name, { create: true }));
    return new Folder(handle, lay?.has(handle.name) ?? true);
  }
}

/** A file that is being written. */
interface Opened { handle: FileSystemFileHandle; stream: FileSystemWritableFileStream }

class Folder {
  readonly handle: FileSystemDirectoryHandle;
  #lay: Promise<Set<string>> | undefined;

  /** In a new folder nothing lies. */
  constructor(handle: FileSystemDirectoryHandle, wasThere: boolean) {
    this.handle = handle;
    if (!wasThere) this.#lay = Promise.resolve(new Set());
  }

  /** What lay in it before anything was written there: asking for each of very many files that are not there takes long. */
  lay(): Promise<Set<string>> {
    return this.#lay ??= namesIn(this.handle);
  }
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const name of folder.keys()) names.add(name);
  return names;
}

function joined(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (pieces.length === 1) return pieces[0] as Uint8Array<ArrayBuffer>;
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
