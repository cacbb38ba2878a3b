/**
 * Everything that can be backed up, walked as one stream of entries. Nothing is read here but names, sizes and times;
 * contents are read in the lanes.
 */
import { StrongroomError } from './errors.js';
import type { Source, SourceEntry } from './types.js';

/** One file (it can be opened), folder, or thing that cannot be read (it says why). */
export interface Found { path: string; size?: number; mtime?: number; open?: () => Blob | Promise<Blob>; unreadable?: string }

/** Files whose size and time are asked for at one time. */
const ASKED = 64;

/**
 * Takes the source over. To be called while the event that brought a `DataTransfer` is being handled: its items are
 * gone afterwards.
 */
export function openSource(source: Source): AsyncIterable<Found> {
  if (isDataTransfer(source)) return walkDrop(source);
  if (isHandle(source)) return walkHandle(source, '');
  if (Symbol.asyncIterator in source) return fromEntries(source);
  if (Symbol.iterator in source) return fromEntries(source as Iterable<File | SourceEntry>);
  throw new StrongroomError('bad_request', 'This is not something that can be backed up: give files, a folder handle, a drop, or entries.');
}

async function* fromEntries(entries: Iterable<File | SourceEntry> | AsyncIterable<File | SourceEntry>): AsyncGenerator<Found> {
  for await (const entry of entries) yield entry instanceof File ? fromFile(entry) : fromEntry(entry);
}

function fromFile(file: File, path = file.webkitRelativePath || file.name): Found {
  return { path, size: file.size, mtime: file.lastModified, open: () => file };
}

function fromEntry({ path, size, mtime, blob, unreadable }: SourceEntry): Found {
  if (unreadable !== undefined) return { path, unreadable };
  if (path.endsWith('/')) return { path: path.slice(0, -1), mtime };
  if (!blob) return { path, unreadable: 'It came without contents.' };
  if (size !== undefined && size !== blob.size) return { path, unreadable: `Its size was said to be ${size} bytes, but it has ${blob.size}.` };
  return { path, size: blob.size, mtime: mtime ?? (blob instanceof File ? blob.lastModified : undefined), open: () => blob };
}

// Handles

function isHandle(source: object): source is FileSystemDirectoryHandle | FileSystemFileHandle {
  return 'kind' in source && (source.kind === 'directory' || source.kind === 'file') && 'isSameEntry' in source;
}

async function* walkHandle(handle: FileSystemDirectoryHandle | FileSystemFileHandle, parent: string): AsyncGenerator<Found> {
  const path = join(parent, handle.name);
  if (handle.kind === 'file') yield await fromFileHandle(handle as FileSystemFileHandle, path);
  else {
    // The origin private file system has no name; its contents stand at the root.
    if (path !== '') yield { path };
    yield* walkFolder(handle as FileSystemDirectoryHandle, path);
  }
}

async function* walkFolder(folder: FileSystemDirectoryHandle, path: string): AsyncGenerator<Found> {
  const folders: FileSystemDirectoryHandle[] = [];
  let files: Promise<Found>[] = [];
  try {
    for await (const child of folder.values()) {
      if (child.kind === 'directory') folders.push(child as FileSystemDirectoryHandle);
      else files.push(fromFileHandle(child as FileSystemFileHandle, join(path, child.name)));
      if (files.length >= ASKED) {
        yield* await Promise.all(files);
        files = [];
      }
    }
  } catch (error) {
    yield { path, unreadable: `The folder could not be listed to its end (${nameOf(error)}).` };
  }
  yield* await Promise.all(files);
  for (const child of folders) yield* walkHandle(child, path);
}

async function fromFileHandle(handle: FileSystemFileHandle, path: string): Promise<Found> {
  try {
    const file = await handle.getFile();
    const { size, lastModified } = file;
    return { path, size, mtime: lastModified, open: async () => unchanged(await handle.getFile(), size, lastModified) };
  } catch (error) {
    return { path, unreadable: `The browser could not open it (${nameOf(error)}).` };
  }
}

/** The file again, which some browsers would otherwise silently read as it is now. */
function unchanged(file: File, size: number, lastModified: number): File {
  if (file.size !== size || file.lastModified !== lastModified) {
    throw new StrongroomError('source_changed', 'It changed while the backup was running. Back up again.');
  }
  return file;
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
      if (entry) yield* walkEntry(entry, '');
      else if (file) yield fromFile(file);
    }
  })();
}

/** What an item can be taken as. Not as a handle: Chromium's leave out every name that some other system forbids. */
function takeItem(item: DataTransferItem) {
  return { entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() };
}

async function* walkEntry(entry: FileSystemEntry, parent: string): AsyncGenerator<Found> {
  const path = join(parent, entry.name);
  if (entry.isFile) {
    yield await fromFileEntry(entry as FileSystemFileEntry, path);
    return;
  }
  yield { path };
  const folders: FileSystemEntry[] = [];
  let files: Promise<Found>[] = [];
  try {
    for await (const child of children(entry as FileSystemDirectoryEntry)) {
      if (child.isDirectory) folders.push(child);
      else files.push(fromFileEntry(child as FileSystemFileEntry, join(path, child.name)));
      if (files.length >= ASKED) {
        yield* await Promise.all(files);
        files = [];
      }
    }
  } catch (error) {
    yield { path, unreadable: `The folder could not be listed to its end (${nameOf(error)}).` };
  }
  yield* await Promise.all(files);
  for (const child of folders) yield* walkEntry(child, path);
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

async function fromFileEntry(entry: FileSystemFileEntry, path: string): Promise<Found> {
  try {
    const file = await fileOf(entry);
    const { size, lastModified } = file;
    return { path, size, mtime: lastModified, open: async () => unchanged(await fileOf(entry), size, lastModified) };
  } catch (error) {
    return { path, unreadable: `The browser could not open it (${nameOf(error)}).` };
  }
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
