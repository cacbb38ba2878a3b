/**
 * A download where nothing streams one: put together in the origin's private file system, else in memory, and given to the browser when it
 * is whole.
 */
import { StrongroomError } from './errors.js';

const FOLDER = 'strongroom downloads';
/** The most that is put together in memory. */
const MEMORY_MAX = 128 << 20;
/** Some browsers read what they were given only when the person has said where to save it: so long it stays, unless its room is needed. */
const GIVEN_MS = 15 * 60_000;
/** A browser that does not ask has begun to copy by then, and has it open: it may go. */
const OPENED_MS = 60_000;

/** What was given to the browser and still lies here. */
const given = new Map<() => Promise<void>, number>();

/** `needed` is about how many bytes will come. */
export async function openStaged(name: string, needed: number): Promise<WritableStream<Uint8Array>> {
  const id = crypto.randomUUID();
  const letGo = await hold(id);
  const staged = await begin(id);
  if (!staged) {
    letGo();
    return inMemory(name, needed);
  }
  const { folder, handle, stream } = staged;
  const remove = async () => {
    given.delete(remove);
    await folder.removeEntry(id).catch(() => {});
    letGo();
  };
  try {
    await checkRoom(needed);
  } catch (error) {
    await stream.abort();
    await remove();
    throw error;
  }
  return new WritableStream({
    write: chunk => stream.write(chunk as Uint8Array<ArrayBuffer>),
    async close() {
      await stream.close();
      give(await handle.getFile(), name);
      given.set(remove, performance.now());
      setTimeout(() => void remove(), GIVEN_MS);
    },
    async abort(reason) {
      await stream.abort(reason).catch(() => {});
      await remove();
    },
  });
}

/** Removes what tabs have left that were closed in the middle of one. */
export async function removeLeftovers(): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER);
    const ids: string[] = [];
    for await (const id of folder.keys()) ids.push(id);
    for (const id of ids) {
      await navigator.locks.request(lockName(id), { ifAvailable: true }, async lock => { if (lock) await folder.removeEntry(id); });
    }
  } catch {
    // There are none, or nothing can lie there.
  }
}

interface Staged { folder: FileSystemDirectoryHandle; handle: FileSystemFileHandle; stream: FileSystemWritableFileStream }

/** A file to write to; nothing where a browser has none for pages, as in private windows. */
async function begin(id: string): Promise<Staged | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    const handle = await folder.getFileHandle(id, { create: true });
    return { folder, handle, stream: await handle.createWritable() };
  } catch {
    return undefined;
  }
}

/** Says to other tabs that this one is in use, until what comes back is called or the tab is closed. */
async function hold(id: string): Promise<() => void> {
  let letGo = () => {};
  // Who has none has no files here either.
  if (globalThis.navigator?.locks) await new Promise<void>(held => {
    const released = new Promise<void>(resolve => { letGo = resolve; });
    void navigator.locks.request(lockName(id), () => {
      held();
      return released;
    // Where site data are blocked nobody may ask, and no other tab would.
    }).catch(() => held());
  });
  return letGo;
}

function lockName(id: string): string {
  return `strongroom download ${id}`;
}

async function checkRoom(needed: number): Promise<void> {
  if (needed <= await room()) return;
  const opened = performance.now() - OPENED_MS;
  await Promise.all([...given].filter(([, since]) => since < opened).map(([remove]) => remove()));
  const free = await room();
  if (needed <= free) return;
  throw new StrongroomError('sink_full', `This browser cannot stream a download here and has to put it together in its own storage first: ${figure(needed)} are needed, ${figure(free)} are free. Restore into a folder, or less at one time, or use an ordinary window.`);
}

/** Bytes; endless where a browser does not say. */
async function room(): Promise<number> {
  const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
  return quota - usage;
}

function inMemory(name: string, needed: number): WritableStream<Uint8Array> {
  if (needed > MEMORY_MAX) {
    throw new StrongroomError('not_supported', `This browser can neither stream a download here nor keep files of its own, and in memory there is room for ${figure(MEMORY_MAX)}: ${figure(needed)} are needed. Restore into a folder, or less at one time, or use an ordinary window.`);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  return new WritableStream({
    write(chunk) { parts.push(chunk as Uint8Array<ArrayBuffer>); },
    close() { give(new Blob(parts), name); },
  });
}

/** To the browser's downloads. */
function give(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), OPENED_MS);
}

function figure(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
