/**
 * What crosses between the page's thread and the engine. Every message is `{ head, … }`: the head one of these (as
 * serde writes enums: one key, the name), bytes and ports beside it, transferred. A run is known by its number.
 */
import type { Failure } from './errors.js';
import type { Plan, Progress } from './types.js';

export type ToEngine =
  | { begin: { run: number; command: Command } }
  | { steer: { run: number; steer: Steer } }
  | { answer: { ask: number; answer: PageAnswer } }
  /** The throwaway lane that was asked for; its port comes along. */
  | { lane: { lane: number } };

export type Command =
  | { create: { name: string; passphrase: string; chunk_log2: number; broker: boolean } }
  | { unlock: { name: string; vault?: string; secret: { passphrase: string } | { phrase: string }; broker: boolean } }
  | { backup: { label: string; writer: string; baseline: Baseline; confirm: boolean } }
  | 'snapshots'
  | { list: { snapshot: string; path: string; after?: string; limit?: number } }
  | { restore: { snapshot: string; selection: string[]; /** One file after the other. */ sequential: boolean } }
  | { verify: { data: boolean } };

export type Baseline = 'latest' | 'none' | { snapshot: string };
export type Steer = 'pause' | 'resume' | 'cancel' | 'proceed';

export type PageAnswer = 'done' | { walked: { entries: WalkedEntry[]; done: boolean } } | { failed: Failure };

/** One entry of the source; a file if it has a number, unreadable if it says why, else a folder. */
export interface WalkedEntry { path: string; size?: number; mtime?: number; file?: number; unreadable?: string }

export type FromEngine =
  | { done: { run: number; result: unknown } }
  | { failed: { run: number; failure: Failure } }
  | { progress: { run: number; progress: Progress } }
  | { plan: { run: number; plan: Plan } }
  /** Bytes of a write come along as `parts`. */
  | { ask: { run: number; ask: number; what: PageAsk } }
  /** Hand these files of the source to that lane. */
  | { give: { lane: number; files: number[] } }
  | { start_lane: { lane: number } }
  | { end_lane: { lane: number } };

export type PageAsk =
  | 'walk'
  | { folder: { path: string[]; mtime?: number } }
  | { write: SinkPart }
  | { discard: { file: number; path: string[] } };

/** Some bytes of a restored file; parts of one file come in order, 0 opens it, `last` closes it. */
export interface SinkPart { file: number; path: string[]; size: number; mtime?: number; offset: number; last: boolean }

export interface CreatedResult { vault: string; phrase: string[] }
export interface UnlockedResult { vault: string }
