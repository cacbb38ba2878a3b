/**
 * Everything that can be backed up, walked as one stream of entries. Nothing is read here but names, sizes and times;
 * contents are read in the lanes.
 */
import { StrongroomError } from './errors.js';
import { letGo } from './freed.js';
import type { Place, Was } from './openers.js';
import { turn } from './turn.js';
import type { Source, SourceEntry } from './types.js';

/** One file, folder, or thing that cannot be read (it says why). */
export interface Found { path: string; size?: number; mtime?: number; file?: FoundFile; unreadable?: string }

/** A file as it was found. */
export interface FoundFile extends Was {
  name: string;
  place: Place;
  /** The same by the browser's own object for this one file: a question less when it is opened, but memory until then. */
  own?: Place;
  /** The file itself: no question, but more memory. */
  kept?: Place;
}

/** Files of a folder whose size and time are asked for at one time. */
const ASKED = 64;
/** Folders that are listed at one time. */
const LISTED = 8;

/**
 * Takes the source over. To be called while the event that brought a `DataTransfer` is being handled: its items are
 * gone afterwards.
 */
export function openSource(source: Source): AsyncIterable<Found> {
  if (isDataTransfer(source)) return walkDrop(source);
  if (isHandle(source)) return walkHandle(source);
  if (Symbol.asyncIterator in source) return fromEntries(source);
  if (Symbol.iterator in source) return fromEntries(source as Iterable<Listed>);
  throw new StrongroomError('bad_request', 'This is not something that can be backed up: give files, a folder handle, a drop, or entries.');
}

type Listed = File | FileSystemEntry | SourceEntry;

async function* fromEntries(entries: Iterable<Listed> | AsyncIterable<Listed>): AsyncGenerator<Found> {
  for await (const entry of entries) {
    if (entry instanceof File) yield fromFile(entry);
    else if ('isDirectory' in entry) yield* walkEntry(entry);
    else yield fromEntry(entry);
  }
}

function fromFile(file: File, path = file.webkitRelativePath || file.name): Found {
  return found(path, file.name, file, { open: () => file });
}

function fromEntry({ path, size, mtime, blob, unreadable }: SourceEntry): Found {
  if (unreadable !== undefined) return { path, unreadable };
  if (path.endsWith('/')) return { path: path.slice(0, -1), mtime };
  if (!blob) return { path, unreadable: 'It came without contents.' };
  if (size !== undefined && size !== blob.size) return { path, unreadable: `Its size was said to be ${size} bytes, but it has ${blob.size}.` };
  const lastModified = blob instanceof File ? blob.lastModified : undefined;
  return { path, size: blob.size, mtime: mtime ?? lastModified, file: { name: '', size: blob.size, lastModified: 0, place: { open: () => blob } } };
}

function found(path: string, name: string, { size, lastModified }: Was, place: Place, own?: Place, kept?: Place): Found {
  return { path, size, mtime: lastModified, file: { name, size, lastModified, place, ...(own && { own }), ...(kept && { kept }) } };
}

/** Takes each file anew by `take`, which some browsers would otherwise silently read as it is now. */
function taken(take: (name: string) => Promise<File>, silent = false): Place {
  const open = async (name: string, was?: Was) => {
    const now = await take(name);
    if (was && (now.size !== was.size || now.lastModified !== was.lastModified)) {
      throw new StrongroomError('source_changed', 'It changed while the backup was running. Try it again, or back up again.');
    }
    return now;
  };
  return silent ? { open, silent } : { open };
}

/**
 * Chromium and its kin, who alone give handles of what lies on a disk: a `File` is not read any more once its time is another, to 10 µs. What
 * an app makes itself to look like a handle may give anything.
 */
function refusesWhatChanged(handle: object): boolean {
  return 'showDirectoryPicker' in globalThis && handle instanceof FileSystemFileHandle;
}

/** The file as it was found, and `anew` if another is wanted. */
function kept(file: File, anew: Place): Place {
  const isIt = (was?: Was) => was?.size === file.size && was.lastModified === file.lastModified;
  return { open: (name, was) => isIt(was) ? file : anew.open(name, was) };
}

// Folders, of handles and of drops alike

/** A folder and where it stands. */
interface Below<F> { path: string; folder: F }
/** What is in one folder: some at a time, and the folders in it. */
type Listing<F> = AsyncGenerator<{ found: Found[]; folders: Below<F>[] }>;

/** A folder before what is in it; several are listed at a time, since each waits for the browser again and again. */
async function* walkFolders<F>(root: Below<F>, open: (folder: Below<F>) => Listing<F>): AsyncGenerator<Found> {
  if (root.path !== '') yield { path: root.path };
  const waiting = [root];
  const listed = new Map<Listing<F>, Promise<{ from: Listing<F>; next: Awaited<ReturnType<Listing<F>['next']>> }>>();
  const ask = (from: Listing<F>) => listed.set(from, from.next().then(next => ({ from, next })));
  while (waiting.length > 0 || listed.size > 0) {
    // The latest first, so that no more wait than one branch has.
    while (listed.size < LISTED && waiting.length > 0) ask(open(waiting.pop()!));
    const { from, next } = await Promise.race(listed.values());
    if (next.done) {
      listed.delete(from);
      continue;
    }
    ask(from);
    yield* next.value.found;
    waiting.push(...next.value.folders);
  }
}

/** `folderOf` tells a folder from a file. */
async function* list<C extends { name: string }, F>(
  path: string, children: AsyncIterable<C>, folderOf: (child: C) => F | undefined, file: (child: C, path: string) => Promise<Found>,
): Listing<F> {
  const folders: Below<F>[] = [];
  let files: Promise<Found>[] = [];
  try {
    for await (const child of children) {
      const at = join(path, child.name);
      const folder = folderOf(child);
      if (folder) folders.push({ path: at, folder });
      else files.push(file(child, at));
      // Handles that answer at once, as an app's own may, would keep the page's thread to the end.
      await turn();
      if (files.length >= ASKED) {
        yield { found: await Promise.all(files), folders: [] };
        files = [];
      }
    }
  } catch (error) {
    yield { found: [{ path, unreadable: `The folder could not be listed to its end (${nameOf(error)}).` }], folders: [] };
  }
  yield { found: [...await Promise.all(files), ...folders.map(folder => ({ path: folder.path }))], folders };
}

// Handles

function isHandle(source: object): source is FileSystemDirectoryHandle | FileSystemFileHandle {
  return 'kind' in source && (source.kind === 'directory' || source.kind === 'file') && 'isSameEntry' in source;
}

async function* walkHandle(handle: FileSystemDirectoryHandle | FileSystemFileHandle): AsyncGenerator<Found> {
  if (handle.kind === 'file') yield await fromFileHandle(handle as FileSystemFileHandle, handle.name);
  // The origin private file system has no name; its contents stand at the root.
  else yield* walkFolders({ path: handle.name, folder: handle as FileSystemDirectoryHandle }, listHandle);
}

function listHandle({ path, folder }: Below<FileSystemDirectoryHandle>): Listing<FileSystemDirectoryHandle> {
  const place = taken(async name => (await folder.getFileHandle(name)).getFile());
  return list(path, folder.values(), child => child.kind === 'directory' ? child as FileSystemDirectoryHandle : undefined,
    (child, at) => fromFileHandle(child as FileSystemFileHandle, at, place));
}

/** `place` is where it lies, unless it was given by itself. */
async function fromFileHandle(handle: FileSystemFileHandle, path: string, place?: Place): Promise<Found> {
  try {
    const file = await handle.getFile();
    letGo();
    const own = taken(() => handle.getFile());
    // A handle takes more memory than the file.
    if (refusesWhatChanged(handle)) return found(path, handle.name, file, place ?? own, undefined, kept(file, place ?? own));
    return found(path, handle.name, file, place ?? own, own);
  } catch (error) {
    return { path, unreadable: `The browser could not open it (${nameOf(error)}).` };
  }
}

// Drops

function isDataTransfer(source: object): source is DataTransfer {
  return 'items' in source && 'dropEffect' in source;
}

function walkDrop(transfer: DataTransfer): AsyncIterable<Found> {
  // All items in this turn: after the first await there are none.
  const items = [...transfer.items].filter(item => item.kind === 'file').map(takeItem);
  return (async function* () {
    for (const { entry, file } of items) {
      if (entry) yield* walkEntry(entry);
      else if (file) yield fromFile(file);
    }
  })();
}

/** What an item can be taken as. Not as a handle: Chromium's leave out every name that some other system forbids. */
function takeItem(item: DataTransferItem) {
  return { entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() };
}

async function* walkEntry(entry: FileSystemEntry): AsyncGenerator<Found> {
  if (entry.isFile) yield await fromFileEntry(entry as FileSystemFileEntry, entry.name);
  else yield* walkFolders({ path: entry.name, folder: entry as FileSystemDirectoryEntry }, listEntry);
}

function listEntry({ path, folder }: Below<FileSystemDirectoryEntry>): Listing<FileSystemDirectoryEntry> {
  // Firefox keeps what it first found of an entry. The file as it is now is in an entry that its folder is asked for anew.
  const silent = !('getMetadata' in folder);
  const place = taken(async name => fileOf(await entryNow(name, folder)), silent);
  return list(path, children(folder), child => child.isDirectory ? child as FileSystemDirectoryEntry : undefined,
    (child, at) => fromFileEntry(child as FileSystemFileEntry, at, place));
}

/** `readEntries` gives some at a time (100 in Chromium) and none at the end. */
async function* children(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    yield* some;
  }
}

/** `place` is where it lies, unless it was dropped by itself. */
async function fromFileEntry(entry: FileSystemFileEntry & Describes, path: string, place?: Place): Promise<Found> {
  try {
    const was = await sizeAndTime(entry);
    const own = taken(() => fileOf(entry));
    if (place?.silent) return found(path, entry.name, was, place);
    // Chromium looks up no name with a backslash.
    return found(path, entry.name, was, entry.name.includes('\\') ? own : place ?? own, own);
  } catch (error) {
    return { path, unreadable: `The browser could not open it (${nameOf(error)}).` };
  }
}

async function entryNow(name: string, folder: FileSystemDirectoryEntry): Promise<FileSystemFileEntry> {
  return new Promise((resolve, reject) => folder.getFile(name, {}, entry => resolve(entry as FileSystemFileEntry), reject));
}

/** Chromium and its kin know both without making a `File`, which costs their processes more than all else in a walk. */
interface Describes { getMetadata?(success: (metadata: { size: number; modificationTime: Date }) => void, failure: (error: DOMException) => void): void }

async function sizeAndTime(entry: FileSystemFileEntry & Describes): Promise<Was> {
  if (!entry.getMetadata) return fileOf(entry);
  const { size, modificationTime } = await new Promise<{ size: number; modificationTime: Date }>((resolve, reject) => entry.getMetadata!(resolve, reject));
  return { size, lastModified: modificationTime.getTime() };
}

async function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : String(error);
}
