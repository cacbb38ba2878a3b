/** A stream written in large parts: each part costs a message to a download, and several to a file. */

/** Bytes of a part; also what is copied before the next pause for the stream. */
const PART = 1024 * 1024;

export class Gathered {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #part = new Uint8Array(PART);
  #length = 0;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter();
    // A stream that fails says so to the next part, or at the end.
    this.#writer.closed.catch(() => {});
  }

  /** Takes a copy, so that who gave the bytes may let go of them; waits while the stream has enough. */
  async put(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const taken = bytes.subarray(from, from + PART - this.#length);
      this.#part.set(taken, this.#length);
      this.#length += taken.length;
      from += taken.length;
      if (this.#length === PART) await this.#give();
    }
  }

  /** Gives the rest and ends the stream. */
  async close(): Promise<void> {
    await this.#give();
    await this.#writer.close();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#writer.abort(reason);
  }

  async #give(): Promise<void> {
    await this.#writer.ready;
    if (this.#length === 0) return;
    this.#writer.write(this.#part.subarray(0, this.#length)).catch(() => {});
    this.#part = new Uint8Array(PART);
    this.#length = 0;
  }
}
