/** One restored file, written as a stream. */
import { StrongroomError } from './errors.js';
import { Gathered } from './gathered.js';
import type { SinkPart } from './messages.js';
import type { Writer } from './sinks.js';

/** The file, as it is. */
export class FileWriter implements Writer {
  readonly #out: Gathered;
  #discarded = false;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#out = new Gathered(stream);
  }

  async folder(): Promise<void> {}

  async write(_part: SinkPart, pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.#out.put(piece);
  }

  async discard(): Promise<void> {
    this.#discarded = true;
    await this.#out.abort(new StrongroomError('damaged', 'The rest of this file is damaged.'));
  }

  async close(): Promise<string[]> {
    if (!this.#discarded) await this.#out.close();
    return [];
  }

  async abort(reason: unknown): Promise<void> {
    await this.#out.abort(reason);
  }
}
