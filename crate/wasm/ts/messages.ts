/**
 * What crosses between the page's thread and the engine. Every message is `{ head, … }`: the head one of these (as
 * serde writes enums: one key, the name), bytes and ports beside it, transferred. A run is known by its number.
 */
import type { Failure } from './errors.js';
import type { Given } from './passkey.js';
import type { Erasure, Finds, Head, KeepRules, Part, Plan, Progress, PruneReport, Rules } from './types.js';

export type ToEngine =
  | { begin: { run: number; command: Command } }
  | { steer: { run: number; steer: Steer } }
  | { answers: { ask: number; answer: PageAnswer }[] }
  /** A question about a run; answered with `seen` under the same number. */
  | { look: { run: number; look: number; at: Look } }
  /** The lane that was asked for; its port comes along. */
  | { lane: { lane: number } }
  | { lane_died: { lane: number } };

export type Command =
  | { create: { name: string; passphrase: string; chunk_log2: number; broker: boolean } }
  | { unlock: { name: string; vault?: string; secret: Entered; broker: boolean; device?: string; /** The broker is to know this device. */ remember: boolean } }
  | { backup: { label: string; writer: string; baseline: Baseline; rules: Rules; confirm: boolean } }
  | 'snapshots'
  /** What the storage shows is taken for the true state, though it is an older one; gives the snapshots. */
  | 'accept_rollback'
  | 'usage'
  | { list: { snapshot: string; path: string; after?: string; limit?: number } }
  /** `after` is what the part before gave as `next`. */
  | { search: { snapshot: string; words: string; after?: string; /** Names to look at. */ most: number } }
  | { versions: { path: string } }
  /** A restore of one file, from about that byte on, that fetches about so many bytes ahead. */
  | { read: { snapshot: string; path: string; from: number; window: number } }
  | { restore: { snapshot: string; selection: string[]; /** One file after the other. */ sequential: boolean; /** What lies in the sink and is right stays. */ resume: boolean } }
  | { verify: { data: boolean } }
  /** By name, or what the rules do not keep. */
  | { forget: { rules?: KeepRules; snapshots: string[]; preview: boolean } }
  | { prune: PruneCommand }
  | { erasures: { delay?: number } }
  | { cancel_erasure: { erasure: string; delay?: number } }
  /** For this device alone; bytes come back. */
  | { seal_note: { note: string } }
  | { open_note: { sealed: Uint8Array } }
  /** Once more, for what cannot be undone. */
  | { sign_in: { name: string; secret: Entered; device?: string } }
  | { change_passphrase: { name: string; passphrase: string } }
  /** The same without a broker. */
  | { replace_passphrase: { secret: Entered; passphrase: string } }
  | 'passkeys'
  /** `name` at a broker. */
  | { change_passkeys: { name?: string; change: ChangeOfPasskeys } }
  /** The broker's JSON comes back, as text. */
  | 'quota'
  | 'sessions'
  | { end_sessions: { body: string } }
  /** The heads, and which of those in this memory are lost. */
  | { heads: { memory?: Uint8Array } }
  /** What to remember until the next visit, as bytes. */
  | { remember: { before?: Uint8Array } };

export interface PruneCommand {
  /** At a broker. */
  name: string;
  secret?: Entered;
  device?: string;
  /** What is doomed waits so long; absent where the broker keeps that. */
  delay?: number;
  threshold: number;
  preview: boolean;
  without: string[];
}

/** Text in Unicode NFKC. */
export type Entered = { passphrase: string } | { phrase: string } | { passkey: Given };
export type ChangeOfPasskeys = { add: { secret: { passkey: Given }; label: string } } | { rename: { slot: string; label: string } } | { remove: { slot: string } };
export type Baseline = 'latest' | 'none' | { snapshot: string };
/** What a person looks at in a backup that is under way; choosing gives the plan. */
export type Look =
  | { choose: Rules }
  | { folder: { path: string; limit: number } }
  | { entries: { part: Part; from: number; limit: number } }
  /** Not only a look: tries files that failed once more, all or those at these paths; gives how many. */
  | { again: { paths?: string[] } };
export type Steer = 'pause' | 'resume' | 'cancel' | 'proceed';

export type PageAnswer = 'done' | { walked: { entries: WalkedEntry[]; done: boolean } } | { looked: { size: number; mtime?: number } } | { there: { file?: number } } | { failed: Failure };

/** One entry of the source; a file if it has a number, unreadable if it says why, else a folder. */
export interface WalkedEntry { path: string; size?: number; mtime?: number; file?: number; unreadable?: string }

export type FromEngine =
  | { done: { run: number; result: unknown } }
  | { failed: { run: number; failure: Failure } }
  | { progress: { run: number; progress: Progress } }
  /** `whole` once everything is walked and compared. */
  | { plan: { run: number; plan: Plan; whole: boolean } }
  /** What was looked at; nothing of a run that is over. */
  | { seen: { look: number; seen?: unknown; failure?: Failure } }
  /** Bytes come along as `buffers`, to be kept under the numbers in `shelve`; those in `free` are not needed any more. */
  | { asks: { run: number; asks: { ask: number; what: PageAsk }[]; shelve: number[]; free: number[] } }
  /** Hand these files of the source to that lane. */
  | { give: { lane: number; files: number[] } }
  /** A throwaway one, or a new one in the place of one that died. */
  | { start_lane: { lane: number } }
  /** Lanes die as soon as they are started. */
  | 'lane_lost'
  | { end_lane: { lane: number } };

export type PageAsk =
  | 'walk'
  /** What a file of the source is now. */
  | { look: { file: number } }
  | { folder: { path: string[]; mtime?: number } }
  /** Each piece is `[held, start, end]`. */
  | { write: SinkPart & { pieces: [number, number, number][] } }
  | { discard: { file: number; path: string[] } }
  /** Which file lies there, if one of just that size does. */
  | { there: { path: string[]; size: number } };

/** Some bytes of a restored file; parts of one file come in order, 0 opens it, `last` closes it. */
export interface SinkPart { file: number; path: string[]; size: number; mtime?: number; offset: number; last: boolean }

export interface CreatedResult { vault: string; phrase: string[] }
export interface UnlockedResult { vault: string; /** What the broker knows this device by from now on. */ device?: string }
export interface HeadsResult { heads: Head[]; lost: Head[] }
/** The core's name of an erasure is that of its tombstone. */
export type ErasureResult = Omit<Erasure, 'id'> & { tombstone: string };
export type PruneResult = Omit<PruneReport, 'pending'> & { pending: ErasureResult[] };
/** A part of a search. */
export interface FoundResult extends Finds { /** Pass as `after` for the next part. */ next?: string }
