/** The beginning of one restored file, kept in memory. */
import { StrongroomError } from './errors.js';
import type { SinkPart } from './messages.js';
import type { Writer } from './sinks.js';
import type { Contents } from './types.js';

export class Collector implements Writer {
  readonly #path: string;
  readonly #limit: number;
  readonly #onFull: () => void;
  readonly #pieces: Uint8Array[] = [];
  #kept = 0;
  #size: number | undefined;
  /** Whether everything wanted is here, while the file goes on. */
  isFull = false;

  /** At most `limit` bytes of the file at `path`; `onFull` once they are here and more would come. */
  constructor(path: string, limit: number, onFull: () => void) {
    this.#path = path;
    this.#limit = limit;
    this.#onFull = onFull;
  }

  async folder(): Promise<void> {}

  async write({ path, size, last }: SinkPart, pieces: Uint8Array[]): Promise<void> {
    if (path.join('/') !== this.#path) throw noFile();
    this.#size = size;
    for (const piece of pieces) {
      // A copy: the bytes are the engine's again once this is answered.
      const kept = piece.slice(0, this.#limit - this.#kept);
      this.#pieces.push(kept);
      this.#kept += kept.length;
    }
    if (this.#kept < this.#limit || last) return;
    this.isFull = true;
    this.#onFull();
  }

  async discard(): Promise<void> {
    this.#size = undefined;
  }

  async close(): Promise<string[]> { return []; }
  async abort(): Promise<void> {}

  contents(): Contents {
    if (this.#size === undefined) throw noFile();
    const bytes = new Uint8Array(this.#kept);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { bytes, size: this.#size };
  }
}

function noFile(): StrongroomError {
  return new StrongroomError('no_such_path', 'There is no such file in this snapshot. Look into the snapshot for its right name.');
}
