/** What lies in a folder already that is restored into: opened for the lanes, which compare it with the vault. */
import type { Opened, Openers } from './openers.js';
import type { Writer } from './sinks.js';

/** A sink that can be read. */
export interface Resumable extends Writer {
  /** The file that a restore would write there; nothing where there is none. */
  find(path: string[]): Promise<File | undefined>;
}

export class There {
  readonly #sink: Resumable;
  readonly #entered: Opened;

  /** `files` as of {@link Feed}. */
  constructor(sink: Resumable, files: Openers) {
    this.#sink = sink;
    this.#entered = files.ofRun();
  }

  /** A number for the file there, if there is one of just that size. What cannot be read is as good as not there: it is written anew. */
  async find(path: string[], size: number): Promise<number | undefined> {
    const found = await this.#sink.find(path).catch(() => undefined);
    if (found?.size !== size) return undefined;
    // Once only: very many handles would pile up. If the lane dies that had it, the file is fetched.
    const open = () => {
      this.#entered.forget(number);
      return found;
    };
    const number = this.#entered.add({ open }, '', found);
    // Nothing is read of an empty file.
    if (size === 0) this.#entered.forget(number);
    return number;
  }

  /** The run is over. */
  close(): void {
    this.#entered.close();
  }
}
