/** Many small records, one behind the other: each in a buffer of its own would take a few times its bytes. */

/** Bytes of a part. */
const PART = 256 * 1024;

export class Packed {
  readonly #parts: Uint8Array[] = [];
  /** What of the last part is taken. */
  #taken = PART;
  #count = 0;

  /** Records so far. */
  get count(): number { return this.#count; }

  /** Takes a copy. */
  push(record: Uint8Array): void {
    this.#count++;
    for (let from = 0; from < record.length;) {
      if (this.#taken === PART) {
        this.#parts.push(new Uint8Array(PART));
        this.#taken = 0;
      }
      const some = record.subarray(from, from + PART - this.#taken);
      this.#parts.at(-1)!.set(some, this.#taken);
      this.#taken += some.length;
      from += some.length;
    }
  }

  /** All of them, in parts that end anywhere. */
  *parts(): Generator<Uint8Array> {
    for (const [at, part] of this.#parts.entries()) yield at === this.#parts.length - 1 ? part.subarray(0, this.#taken) : part;
  }
}
