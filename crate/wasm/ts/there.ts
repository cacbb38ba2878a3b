/** What lies in a folder already that is restored into: opened for the lanes, which compare it with the vault. */
import type { Openers } from './feed.js';
import type { Writer } from './sinks.js';

/** A sink that can be read. */
export interface Resumable extends Writer {
  /** The file that a restore would write there; nothing where there is none. */
  find(path: string[]): Promise<File | undefined>;
}

export class There {
  readonly #sink: Resumable;
  readonly #files: Openers;
  readonly #number: () => number;
  readonly #entered = new Set<number>();

  /** `files` and `number` as of {@link Feed}. */
  constructor(sink: Resumable, files: Openers, number: () => number) {
    this.#sink = sink;
    this.#files = files;
    this.#number = number;
  }

  /** A number for the file there, if there is one of just that size. What cannot be read is as good as not there: it is written anew. */
  async find(path: string[], size: number): Promise<number | undefined> {
    const found = await this.#sink.find(path).catch(() => undefined);
    if (found?.size !== size) return undefined;
    const number = this.#number();
    // Nothing is read of an empty file.
    if (size === 0) return number;
    this.#entered.add(number);
    // Once only: very many handles would pile up. If the lane dies that had it, the file is fetched.
    this.#files.set(number, async () => {
      this.#forget(number);
      return found;
    });
    return number;
  }

  /** The run is over. */
  close(): void {
    for (const number of this.#entered) this.#forget(number);
  }

  #forget(number: number): void {
    this.#entered.delete(number);
    this.#files.delete(number);
  }
}
