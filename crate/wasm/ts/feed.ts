/** Feeds one backup: entries to the engine when it asks, files to the lanes when they will read them. */
import { fromFailure, toFailure, type Failure } from './errors.js';
import { letGo } from './freed.js';
import type { WalkedEntry } from './messages.js';
import { openSource, type Found, type Open } from './sources.js';
import { turn } from './turn.js';
import type { Source } from './types.js';

/** At most so many entries in one answer, and at most so long on the way to it. */
const BATCH = 500;
const BATCH_MS = 40;

/** How to open what can be read, by number. */
export type Openers = Map<number, Open>;

export class Feed {
  readonly #found: AsyncIterator<Found>;
  /** What may be read, by number: to the end of the run, since a file is read again if the lane dies that had it. */
  readonly #files: Openers;
  readonly #entered: number[] = [];
  readonly #number: () => number;

  /** `files` is shared by all runs of a vault, because lanes are; `number` draws from one sequence. */
  constructor(source: Source, files: Openers, number: () => number) {
    this.#found = openSource(source)[Symbol.asyncIterator]();
    this.#files = files;
    this.#number = number;
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
    const opener = this.#files.get(number);
    if (!opener) throw gone();
    try {
      const blob = await opener(true);
      return { size: blob.size, ...(blob instanceof File ? { mtime: blob.lastModified } : {}) };
    } catch (error) {
      throw fromFailure(notOpened(error));
    }
  }

  /** The run is over. */
  close(): void {
    for (const number of this.#entered) this.#files.delete(number);
  }

  #enter({ path, size, mtime, open, unreadable }: Found): WalkedEntry {
    letGo();
    if (unreadable !== undefined) return { path, unreadable };
    if (!open) return { path, mtime };
    const file = this.#number();
    this.#files.set(file, open);
    this.#entered.push(file);
    return { path, size, mtime, file };
  }
}

function gone(): Error {
  return new Error('It is not part of the source any more.');
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
    const opener = files.get(number);
    if (!opener) throw gone();
    const blob = await opener();
    letGo();
    return [number, blob, opener.silent ?? false];
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
