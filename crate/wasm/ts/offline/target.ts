/** Where this browser can put what is restored: into a folder, or into one file that it saves as a stream or else collects. */
import { DirectoryWriter } from '../directory.js';
import { StrongroomError } from '../errors.js';
import { safeName } from '../names.js';
import { FileWriter } from '../one-file.js';
import type { Writer } from '../sinks.js';
import { ZipWriter } from '../zip.js';

interface Pickers {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
  showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

const pickers = globalThis as Pickers;

/** Whether a folder can be chosen to write into. */
export const canWriteFolder = pickers.showDirectoryPicker !== undefined;
/** Whether a file is written as it comes. Without that the browser collects a download before it saves it. */
export const canStream = pickers.showSaveFilePicker !== undefined;

/** To be called while the click is handled, like the others. */
export async function openFolder(): Promise<Writer> {
  return new DirectoryWriter(await picked(pickers.showDirectoryPicker!({ mode: 'readwrite' })));
}

export async function openZip(name: string): Promise<Writer> {
  return new ZipWriter(await openFile(name));
}

export async function openOne(name: string): Promise<Writer> {
  return new FileWriter(await openFile(name));
}

async function openFile(wanted: string): Promise<WritableStream<Uint8Array>> {
  const name = safeName(wanted);
  if (!pickers.showSaveFilePicker) return collected(name);
  const handle = await picked(pickers.showSaveFilePicker({ suggestedName: name }));
  return await handle.createWritable() as WritableStream<Uint8Array>;
}

async function picked<H>(picking: Promise<H>): Promise<H> {
  try {
    return await picking;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw new StrongroomError('cancelled', 'Nothing was chosen.');
    const why = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('sink_failed', `The browser does not write there (${why}). Choose another folder.`);
  }
}

/** A download. Its parts are handed to the browser as they come, which keeps many of them on disk. */
function collected(name: string): WritableStream<Uint8Array> {
  let parts: Blob[] = [];
  return new WritableStream<Uint8Array>({
    write(part) { parts.push(new Blob([part as Uint8Array<ArrayBuffer>])); },
    close() {
      const url = URL.createObjectURL(new Blob(parts));
      parts = [];
      Object.assign(document.createElement('a'), { href: url, download: name }).click();
      // The download has its bytes once the click is handled; a minute is ample for slow browsers.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    abort() { parts = []; },
  });
}
