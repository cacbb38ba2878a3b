/** A search under way: what was found so far, as rows. */

import type { Find, Finds } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { join } from './path.ts';
import type { Row } from './tree.ts';

/** More finds than anybody reads: a narrower search helps more. */
export const MOST_FINDS = 2_000;

export interface FindRow extends Row { entry: Find }

/** Dispatches `change` whenever there is more to be seen. */
export class Search extends EventTarget {
  rows: FindRow[] = [];
  /** Names looked at so far. */
  looked = 0;
  /** Folders that could not be read. */
  unread = 0;
  state: 'searching' | 'whole' | 'full' = 'searching';
  failure: Failure | undefined;
  #ended = false;

  constructor(readonly words: string, parts: AsyncIterable<Finds>) {
    super();
    void this.#gather(parts);
  }

  /** Nobody looks any more. */
  end(): void {
    this.#ended = true;
  }

  async #gather(parts: AsyncIterable<Finds>): Promise<void> {
    try {
      for await (const { finds, looked, unread } of parts) {
        if (this.#ended) return;
        const room = MOST_FINDS - this.rows.length;
        const rows = finds.slice(0, room).map((entry, index) => ({ entry, path: join(entry.folder, entry.name), level: 1, place: this.rows.length + index + 1 }));
        this.rows = [...this.rows, ...rows];
        this.looked = looked;
        this.unread = unread;
        if (finds.length > room) {
          this.state = 'full';
          return;
        }
        this.#changed();
      }
      this.state = 'whole';
    } catch (error) {
      this.failure = failureOf(error);
    } finally {
      if (!this.#ended) this.#changed();
    }
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
