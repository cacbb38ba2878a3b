/** Feeds one backup: entries to the engine when it asks, files to the lanes when they will read them. */
import { fromFailure, toFailure, type Failure } from './errors.js';
import { letGo } from './freed.js';
import type { WalkedEntry } from './messages.js';
import type { Opened, Openers, Place } from './openers.js';
import { openSource, type Found, type FoundFile } from './sources.js';
import { turn } from './turn.js';
import type { Source } from './types.js';

/** At most so many entries in one answer, and at most so long on the way to it. */
const BATCH = 500;
const BATCH_MS = 40;

/** Files of a run that are kept as they were found, some 4 kB each, or opened by the browser's own entries for them: of more, these take too much memory. */
const KEPT = 20_000;
const OWN = 50_000;

export class Feed {
  readonly #found: AsyncIterator<Found>;
  readonly #files: Openers;
  readonly #entered: Opened;
  #held = 0;

  /** `files` is shared by all runs of a vault, because lanes are. */
  constructor(source: Source, files: Openers) {
    this.#found = openSource(source)[Symbol.asyncIterator]();
    this.#files = files;
    this.#entered = files.ofRun();
  }

  /** The next entries of the source. */
  async walk(): Promise<{ entries: WalkedEntry[]; done: boolean }> {
    const entries: WalkedEntry[] = [];
    const until = performance.now() + BATCH_MS;
    while (entries.length < BATCH && (entries.length === 0 || performance.now() < until)) {
      const next = await this.#found.next();
      if (next.done) return { entries, done: true };
      entries.push(this.#enter(next.value));
    }
    return { entries, done: false };
  }

  /** What a file is now: from here on it is read as it is found to be. */
  async look(number: number): Promise<{ size: number; mtime?: number }> {
    try {
      const { blob } = await this.#files.open(number, true);
      return { size: blob.size, ...(blob instanceof File ? { mtime: blob.lastModified } : {}) };
    } catch (error) {
      throw fromFailure(notOpened(error));
    }
  }

  /** The run is over. */
  close(): void {
    this.#entered.close();
  }

  #enter({ path, size, mtime, file, unreadable }: Found): WalkedEntry {
    letGo();
    if (unreadable !== undefined) return { path, unreadable };
    if (!file) return { path, mtime };
    return { path, size, mtime, file: this.#entered.add(this.#placeOf(file), file.name, file) };
  }

  #placeOf({ place, own, kept }: FoundFile): Place {
    const before = this.#held++;
    if (kept && before < KEPT) return kept;
    return own && before < OWN ? own : place;
  }
}

/** Browsers' own sentences about files help nobody. */
function notOpened(error: unknown): Failure {
  const name = error instanceof DOMException ? error.name : undefined;
  if (name === 'NotFoundError') return { code: 'source_gone', message: 'The file is not there any more. Try it again once it is back.' };
  if (name === 'NotReadableError' || name === 'NotAllowedError') {
    return { code: 'source_unreadable', message: `The browser may not read the file (${name}). Check who may read it, then try it again.` };
  }
  return toFailure(error, 'source_gone');
}

/** One file as a lane takes it: its number, what was opened or why not, and whether to ask for it once more when it has been read. */
type Given = [number: number, opened: unknown, silent: boolean];

async function open(number: number, files: Openers): Promise<Given> {
  try {
    const { blob, silent } = await files.open(number);
    letGo();
    return [number, blob, silent];
  } catch (error) {
    return [number, notOpened(error), false];
  }
}

/** Opens these files and hands them to a lane: to be read, or `again`, to learn whether they changed. */
export async function give(lane: Worker, numbers: number[], files: Openers, as: 'files' | 'again' = 'files'): Promise<void> {
  const opening: Promise<Given>[] = [];
  for (const number of numbers) {
    opening.push(open(number, files));
    await turn();
  }
  lane.postMessage({ [as]: await Promise.all(opening) });
}
