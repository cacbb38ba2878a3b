/** What is picked for a restore, over all folders of one snapshot. A picked folder stands for everything below it. */

import { isBelow } from './path.ts';

export interface Weight { files: number; bytes: number }
export interface Picked extends Weight { kind: 'file' | 'folder' }
export type Cover = 'none' | 'picked' | 'within' | 'partly';

export class Selection {
  readonly #picked = new Map<string, Picked>();

  /** Picks a file or folder; what was picked below a folder goes into it. */
  add(path: string, entry: Picked): void {
    if (this.cover(path) === 'within') return;
    for (const picked of this.#picked.keys()) if (isBelow(picked, path)) this.#picked.delete(picked);
    this.#picked.set(path, entry);
  }

  remove(path: string): void {
    this.#picked.delete(path);
  }

  clear(): void {
    this.#picked.clear();
  }

  /** How a path stands: picked itself, within a picked folder, a folder with something picked below, or none of these. */
  cover(path: string): Cover {
    if (this.#picked.has(path)) return 'picked';
    let below: Cover = 'none';
    for (const picked of this.#picked.keys()) {
      if (isBelow(path, picked)) return 'within';
      if (isBelow(picked, path)) below = 'partly';
    }
    return below;
  }

  /** Whether a picked path is a file. */
  isFile(path: string): boolean {
    return this.#picked.get(path)?.kind === 'file';
  }

  get paths(): string[] {
    return [...this.#picked.keys()];
  }

  get size(): number {
    return this.#picked.size;
  }

  /** Files and bytes of everything picked, each counted once. */
  get weight(): Weight {
    let files = 0;
    let bytes = 0;
    for (const weight of this.#picked.values()) {
      files += weight.files;
      bytes += weight.bytes;
    }
    return { files, bytes };
  }
}
