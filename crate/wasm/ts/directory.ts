/** Restores into a folder of the user's, with the folders of the snapshot. */
import { StrongroomError } from './errors.js';
import { free, letGo } from './freed.js';
import type { SinkPart } from './messages.js';
import { SafeNames } from './names.js';
import type { Resumable } from './there.js';

export class DirectoryWriter implements Resumable {
  readonly #names = new SafeNames();
  readonly #folders = new Map<string, Promise<FileSystemDirectoryHandle>>();
  readonly #open = new Map<number, Promise<FileSystemWritableFileStream>>();
  /** What lay in a folder when it was first looked at: asking for each of very many files that are not there takes long. */
  readonly #lay = new Map<string, Promise<Set<string>>>();

  constructor(root: FileSystemDirectoryHandle) {
    this.#folders.set('', Promise.resolve(root));
  }

  async folder(path: string[]): Promise<void> {
    await this.#folder(path);
  }

  async write({ file, path, last }: SinkPart, pieces: Uint8Array[]): Promise<void> {
    let opening = this.#open.get(file);
    if (!opening) this.#open.set(file, opening = this.#create(path));
    const stream = await opening;
    const bytes = joined(pieces);
    if (last) {
      this.#open.delete(file);
      letGo();
    }
    // One call for each, and the second before the first is answered: every one goes through several processes.
    await Promise.all([bytes.length > 0 && stream.write(bytes), last && stream.close()]);
    if (pieces.length > 1) free(bytes.buffer);
  }

  /** Where a file was written to. */
  async written(path: string[]): Promise<FileSystemFileHandle> {
    const parent = path.slice(0, -1);
    const folder = await this.#folder(parent);
    return this.#named(parent, path.at(-1) ?? '', name => folder.getFileHandle(name));
  }

  /** A file under a name that this system cannot take is not looked for: it is written anew. */
  async find(path: string[]): Promise<File | undefined> {
    const parent = path.slice(0, -1);
    const name = path.at(-1) ?? '';
    const folder = await this.#folder(parent);
    const key = parent.join('/');
    let lay = this.#lay.get(key);
    if (!lay) this.#lay.set(key, lay = namesIn(folder));
    if (!(await lay).has(name)) return undefined;
    return (await folder.getFileHandle(name)).getFile();
  }

  async discard(file: number): Promise<void> {
    const opening = this.#open.get(file);
    this.#open.delete(file);
    // An aborted stream leaves the file as it was before: absent, or empty if it was just made.
    await (await opening)?.abort();
  }

  async close(): Promise<string[]> {
    const notes = ['Browsers cannot set times: the files have the time of this restore.'];
    if (this.#names.changed > 0) notes.push(`${this.#names.changed} names were changed, because this system could not take them as they were.`);
    return notes;
  }

  async abort(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async stream => (await stream).abort()));
  }

  async #create(path: string[]): Promise<FileSystemWritableFileStream> {
    const name = path.at(-1);
    if (name === undefined) throw new StrongroomError('internal', 'A file without a name.');
    const parent = path.slice(0, -1);
    const folder = await this.#folder(parent);
    const handle = await this.#named(parent, name, named => folder.getFileHandle(named, { create: true }));
    return handle.createWritable();
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

  #folder(path: string[]): Promise<FileSystemDirectoryHandle> {
    const key = path.join('/');
    let folder = this.#folders.get(key);
    if (!folder) {
      const parent = path.slice(0, -1);
      this.#folders.set(key, folder = this.#folder(parent).then(above =>
        this.#named(parent, path.at(-1) ?? '', name => above.getDirectoryHandle(name, { create: true }))));
    }
    return folder;
  }
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const [name, handle] of folder.entries()) if (handle.kind === 'file') names.add(name);
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
