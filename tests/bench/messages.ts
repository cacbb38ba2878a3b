/** What the page and its workers tell each other. */
import type { Bytes, Name } from './pipelines.ts';

/** One chunk, as it lies in an object; `packed` says whether it is compressed. */
export interface Chunk { object: string; offset: number; length: number; packed: boolean; nonce: number[]; hash: number[] }
/** One file of a backup. */
export interface Stored { path: string; mtime: number; chunks: Chunk[] }

export type ToWorker =
  | { do: 'load'; name: Name; key: Bytes; worker: number }
  /** Some of the files that are left: none at the end. */
  | { do: 'backUp'; files: [path: string, file: File][] }
  | { do: 'restore'; files: Stored[]; root: FileSystemDirectoryHandle };

export type FromWorker =
  | { is: 'ready' }
  | { is: 'hungry' }
  | { is: 'stored'; files: Stored[] }
  | { is: 'restored' }
  | { is: 'failed'; why: string };
