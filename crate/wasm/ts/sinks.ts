/**
 * Where restored bytes go. A writer answers a write only when it was taken, so that memory stays bounded; until then the bytes stay as
 * they are. Calls come in order, without waiting for each other.
 */
import { CheckedWriter } from './checked.js';
import { DirectoryWriter } from './directory.js';
import { openDownload, pickFile } from './download.js';
import { StrongroomError } from './errors.js';
import { FileWriter } from './one-file.js';
import type { SinkPart } from './messages.js';
import type { Resumable } from './there.js';
import type { OwnServiceWorker } from './service-worker.js';
import { openStaged } from './staged.js';
import { ZipWriter } from './zip.js';
import type { Sink } from './types.js';

export interface Writer {
  folder(path: string[], mtime?: number): Promise<void>;
  write(part: SinkPart, pieces: Uint8Array[]): Promise<void>;
  /** The rest of this file will not come. */
  discard(file: number, path: string[]): Promise<void>;
  /** Everything was written; what could not be kept, as sentences. */
  close(): Promise<string[]>;
  /** Nothing more comes, and what was written is not whole. */
  abort(reason: unknown): Promise<void>;
}

/** A folder. */
export function openFolder(handle: FileSystemDirectoryHandle): Resumable {
  return new DirectoryWriter(handle);
}

/** A folder whose files are read back and compared as they are written. */
export function openCheckedFolder(handle: FileSystemDirectoryHandle): CheckedWriter {
  return new CheckedWriter(new DirectoryWriter(handle));
}

/** What a stream wants to know of a selection. */
export interface Selected {
  /** Whether all of it is a single file of that path. */
  isOneFile(path: string): Promise<boolean>;
  /** About how many bytes it gives. */
  weight(): Promise<number>;
}

export function openStream(sink: Exclude<Sink, { kind: 'directory' }>, selected: Selected, own: OwnServiceWorker): Writer {
  return new StreamWriter(sink, selected, own);
}

/** One stream: the file itself if it is only one, else a ZIP. Which it is shows with the first thing to write. */
class StreamWriter implements Writer {
  readonly #sink: Exclude<Sink, { kind: 'directory' }>;
  readonly #selected: Selected;
  readonly #own: OwnServiceWorker;
  /** Folders, each in the one before, that came before any file: those above a single file are not part of it. */
  readonly #above: { path: string[]; mtime?: number }[] = [];
  #writer: Promise<Writer> | undefined;

  constructor(sink: Exclude<Sink, { kind: 'directory' }>, selected: Selected, own: OwnServiceWorker) {
    this.#sink = sink;
    this.#selected = selected;
    this.#own = own;
  }

  async folder(path: string[], mtime?: number): Promise<void> {
    if (!this.#writer && path.length === this.#above.length + 1) this.#above.push({ path, mtime });
    else await (await this.#open()).folder(path, mtime);
  }

  async write(part: SinkPart, pieces: Uint8Array[]): Promise<void> { return (await this.#open(part)).write(part, pieces); }
  async discard(file: number, path: string[]): Promise<void> { return (await this.#open()).discard(file, path); }
  async close(): Promise<string[]> { return (await this.#open()).close(); }

  async abort(reason: unknown): Promise<void> {
    // What was never opened needs no abort; the caller's own stream does.
    if (this.#writer) await (await this.#writer).abort(reason);
    else if (this.#sink.kind === 'stream') await this.#sink.stream.abort(reason);
  }

  #open(first?: SinkPart): Promise<Writer> {
    return this.#writer ??= this.#start(first);
  }

  async #start(first?: SinkPart): Promise<Writer> {
    if (first && await this.#selected.isOneFile(first.path.join('/'))) return new FileWriter(await this.#stream(first.path.at(-1) ?? 'file', true, first.size));
    const zip = new ZipWriter(await this.#stream('restored.zip', false));
    for (const { path, mtime } of this.#above) await zip.folder(path, mtime);
    return zip;
  }

  async #stream(name: string, pick: boolean, size?: number): Promise<WritableStream<Uint8Array>> {
    if (this.#sink.kind === 'stream') return this.#sink.stream;
    const suggested = this.#sink.name ?? name;
    const picked = pick ? await pickFile(suggested) : undefined;
    if (picked) return picked;
    try {
      return await openDownload(suggested, size, this.#own);
    } catch (error) {
      if (!(error instanceof StrongroomError) || error.code !== 'not_supported') throw error;
      return openStaged(suggested, await this.#selected.weight());
    }
  }
}
