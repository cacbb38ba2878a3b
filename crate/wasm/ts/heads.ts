/** What a device remembers of a vault from one visit to the next: its heads, sealed by the vault, so that a storage that is set back is noticed. */
import type { Engine } from './engine.js';
import { RollbackError, StrongroomError } from './errors.js';
import type { HeadsResult } from './messages.js';
import { fromText, toText } from './text.js';
import type { Head, Memory } from './types.js';

/** Of one vault. A device that keeps nothing costs the notice, and nothing else. */
export class Heads {
  readonly #engine: Engine;
  readonly #memory: Memory | undefined;
  readonly #vault: string;
  /** One at a time: each takes along what the one before it kept. */
  #kept: Promise<void> = Promise.resolve();

  constructor(engine: Engine, memory: Memory | undefined, vault: string) {
    this.#engine = engine;
    this.#memory = memory;
    this.#vault = vault;
  }

  async now(): Promise<Head[]> {
    return (await this.#engine.begin<HeadsResult>({ heads: {} }).done).heads;
  }

  /** Fails with a {@link RollbackError} when something that is remembered is gone. */
  async check(): Promise<void> {
    const memory = await this.#recall();
    if (!memory) return;
    const { heads, lost } = await this.#engine.begin<HeadsResult>({ heads: { memory } }).done;
    if (lost.length > 0) throw new RollbackError(lost, heads);
  }

  /** A failure of a run; one that found the storage set back says what is gone and what is there. */
  async explained(error: unknown): Promise<unknown> {
    if (!(error instanceof StrongroomError) || error.code !== 'rolled_back') return error;
    const { heads, lost } = await this.#engine.begin<HeadsResult>({ heads: {} }).done;
    return lost.length > 0 ? new RollbackError(lost, heads) : error;
  }

  /** Remembers the vault as it is now, and what another tab has seen later; `anew`, nothing that was before. Never fails. */
  keep(anew = false): Promise<void> {
    return this.#kept = this.#kept.then(() => this.#keep(anew)).catch(() => {});
  }

  async #keep(anew: boolean): Promise<void> {
    if (!this.#memory) return;
    const before = anew ? undefined : await this.#recall();
    const sealed = await this.#engine.begin<Uint8Array>({ remember: { before } }).done;
    await this.#memory.keep(this.#vault, toText(sealed));
  }

  async #recall(): Promise<Uint8Array | undefined> {
    try {
      const kept = await this.#memory?.recall(this.#vault);
      return kept === undefined ? undefined : fromText(kept);
    } catch {
      return undefined;
    }
  }
}

/** In `localStorage`; nothing outside of pages, and where a browser keeps no site data. */
export const originMemory: Memory = {
  async recall(vault) { return localStorage.getItem(key(vault)) ?? undefined; },
  async keep(vault, sealed) { localStorage.setItem(key(vault), sealed); },
};

function key(vault: string): string {
  return `strongroom.heads.${vault}`;
}
