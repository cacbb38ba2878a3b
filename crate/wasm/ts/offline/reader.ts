/** What `OfflineReader` of offline.wasm gives (crate/offline/src/face.rs), typed. */
import type { ErrorCode } from '../types.js';

export interface Failed { code: ErrorCode; message: string; path?: string }

/** A wish of the reader, by the key that it has, to be answered under its number. */
export type Wish =
  /** An object, or `length` bytes of it from `offset`: `pack/<name>`. */
  | { id: number; get: string; offset?: number; length?: number }
  /** All objects of a kind. */
  | { id: number; list: string }
  | { id: number } & ToSink;

/** What the page writes. */
export type ToSink =
  | { folder: string[]; mtime?: number }
  | { write: string[]; file: number; size: number; mtime?: number; offset: number; last: boolean; bytes: Uint8Array<ArrayBuffer> }
  | { discard: string[]; file: number };

/** What `poll` gives; nothing when an answer must come first. */
export type Step = Wish | { done: unknown } | { failed: Failed } | undefined;

export interface SnapshotInfo { id: string; time: number; label: string; writer: string; files: number; bytes: number; /** Entries that could not be read when it was made. */ left: number }
export interface Opened { snapshots: SnapshotInfo[]; /** Parts of the history and indexes that cannot be read. */ damaged: Failed[] }
export interface Entry { name: string; folder: boolean; mtime?: number; size: number; files: number }
export interface Listed { entries: Entry[]; total: number; next?: string }
export interface Restored { files: number; folders: number; bytes: number; damaged: { path: string; why: string }[]; damagedCount: number }
