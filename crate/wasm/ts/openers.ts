/**
 * How to open the files that a run may read, by number: to the end of the run, since a file is read again if the lane dies that had it. There may be
 * a million of them, so that they lie in columns, with one object for all files of a folder.
 */

/** Where files lie. */
export interface Place {
  /** The file of that name: as it was, or else this fails; as it is now where nothing is said. */
  open(name: string, was?: Was): Blob | Promise<Blob>;
  /** The browser may not say when a file changes while it is read: it is opened once more then, which does. */
  readonly silent?: true;
}

/** By what a file is known to be as it was. */
export interface Was { size: number; lastModified: number }

/** Files whose numbers follow each other, and whose memory is given back together. */
const BLOCK = 1_024;

interface Block {
  places: (Place | undefined)[];
  names: string[];
  sizes: Float64Array;
  times: Float64Array;
  /** Files of it that were not forgotten. */
  left: number;
}

/** Of all runs of a vault, because lanes are shared. */
export class Openers {
  readonly #blocks = new Map<number, Block>();
  /** 0 is no file's block. */
  #next = 1;

  get size(): number {
    return [...this.#blocks.values()].reduce((sum, { left }) => sum + left, 0);
  }

  ofRun(): Opened {
    return new Opened(this.#blocks, () => this.#next++);
  }

  /** As it was when it was entered; `anew`, as it is now, and so it will be opened from then on. */
  async open(number: number, anew = false): Promise<{ blob: Blob; silent: boolean }> {
    const block = this.#blocks.get(Math.floor(number / BLOCK));
    const at = number % BLOCK;
    const place = block?.places[at];
    if (!block || !place) throw new Error('It is not part of the source any more.');
    const blob = await place.open(block.names[at]!, anew ? undefined : { size: block.sizes[at]!, lastModified: block.times[at]! });
    if (anew && blob instanceof File) [block.sizes[at], block.times[at]] = [blob.size, blob.lastModified];
    return { blob, silent: place.silent ?? false };
  }

  clear(): void {
    this.#blocks.clear();
  }
}

/** Those of one run. */
export class Opened {
  readonly #blocks: Map<number, Block>;
  readonly #draw: () => number;
  readonly #drawn = new Set<number>();
  #current = 0;
  #used = BLOCK;

  constructor(blocks: Map<number, Block>, draw: () => number) {
    this.#blocks = blocks;
    this.#draw = draw;
  }

  /** A number for a file. */
  add(place: Place, name: string, { size, lastModified }: Was): number {
    if (this.#used === BLOCK) {
      [this.#current, this.#used] = [this.#draw(), 0];
      this.#drawn.add(this.#current);
      this.#blocks.set(this.#current, { places: [], names: [], sizes: new Float64Array(BLOCK), times: new Float64Array(BLOCK), left: 0 });
    }
    const block = this.#blocks.get(this.#current);
    const at = this.#used++;
    if (block) {
      [block.places[at], block.names[at], block.sizes[at], block.times[at]] = [place, name, size, lastModified];
      block.left++;
    }
    return this.#current * BLOCK + at;
  }

  forget(number: number): void {
    const [key, at] = [Math.floor(number / BLOCK), number % BLOCK];
    const block = this.#blocks.get(key);
    if (!block?.places[at]) return;
    [block.places[at], block.names[at]] = [undefined, ''];
    // The block that is being filled will have others.
    if (--block.left === 0 && key !== this.#current) this.#drop(key);
  }

  /** The run is over. */
  close(): void {
    for (const key of this.#drawn) this.#drop(key);
  }

  #drop(key: number): void {
    this.#drawn.delete(key);
    this.#blocks.delete(key);
  }
}
