/** Between the page of restore.html and its worker. One command at a time; a cancelled one is answered, too. */
import type { FoundVault, Listed } from './objects.js';
import type { Failed, ToSink } from './reader.js';

export type Command =
  | { open: { files: Listed[] } | { zip: File } }
  /** The place of the vault among those that were found. */
  | { unlock: { vault: number; phrase: string } | { vault: number; passphrase: string } }
  | { list: { snapshot: string; path: string; after?: string; limit: number } }
  | { restore: { snapshot: string; paths: string[]; sequential: boolean } };

/** A file that was chosen: by the run that opened it, and its place there. */
export interface FileNumber { open: number; at: number }

export type ToWorker =
  /** The module's bytes, first of all. */
  | { module: ArrayBuffer }
  | { run: number; command: Command }
  | { cancel: number }
  /** The sink has taken it, or says why it cannot. */
  | { run: number; id: number; failed?: string }
  /** A part that was asked for. */
  | { read: number; bytes: ArrayBuffer }
  | { read: number; failed: { name: string; message: string } };

export interface Progress { files: number; filesTotal: number; bytes: number; bytesTotal: number }

export type FromWorker =
  | { run: number; done: unknown }
  | { run: number; failed: Failed }
  | { run: number; id: number; sink: ToSink }
  | { run: number; progress: Progress }
  /** Asks for a part of a file, from `start` to before `end`, that this worker may not read itself. */
  | { read: number; number: FileNumber; start: number; end: number };

export type { FoundVault };
