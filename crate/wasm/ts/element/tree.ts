/** The tree of a snapshot as rows: folders open when they are asked for, and what is in a selected folder is selected. */
import type { Entry, Vault } from '../types.js';

const PAGE = 200;

export interface Row {
  path: string;
  entry: Entry;
  level: number;
  /** Its place among its siblings, from 1, and how many they are. */
  place: number;
  siblings: number;
}
/** What is not listed yet of a folder. */
export interface Rest { folder: string; level: number; rest: number }

interface Folder { entries: Entry[]; total: number; next?: string; open: boolean }

export class Tree {
  readonly #folders = new Map<string, Folder>();
  /** Paths, none of them in another. */
  readonly selected = new Set<string>();

  constructor(readonly vault: Vault, readonly snapshot: string) {}

  /** Opens a folder, reading it where it was not read before; `''` is the root. */
  async unfold(path: string): Promise<void> {
    const folder = this.#folders.get(path);
    if (folder) folder.open = true;
    else await this.more(path);
  }

  fold(path: string): void {
    const folder = this.#folders.get(path);
    if (folder) folder.open = false;
  }

  /** Reads the next entries of a folder. */
  async more(path: string): Promise<void> {
    const known = this.#folders.get(path);
    const { entries, total, next } = await this.vault.list(this.snapshot, path, { limit: PAGE, ...(known?.next ? { after: known.next } : {}) });
    // Asked twice for the same, the second answer is no news.
    if (this.#folders.get(path)?.next !== known?.next) return;
    this.#folders.set(path, { entries: [...known?.entries ?? [], ...entries], total, open: true, ...(next === undefined ? {} : { next }) });
  }

  isOpen(path: string): boolean {
    return this.#folders.get(path)?.open === true;
  }

  /** What is unfolded, from top to bottom. */
  rows(path = '', level = 1): (Row | Rest)[] {
    const folder = this.#folders.get(path);
    if (!folder?.open) return [];
    const rows = folder.entries.flatMap((entry, at): (Row | Rest)[] => {
      const row = { path: path === '' ? entry.name : `${path}/${entry.name}`, entry, level, place: at + 1, siblings: folder.total };
      return entry.kind === 'folder' ? [row, ...this.rows(row.path, level + 1)] : [row];
    });
    const rest = folder.total - folder.entries.length;
    return rest > 0 && folder.next !== undefined ? [...rows, { folder: path, level, rest }] : rows;
  }

  /** A folder above is selected, and this with it. */
  isWithin(path: string): boolean {
    return parentsOf(path).some((parent) => this.selected.has(parent));
  }

  check(path: string): 'true' | 'false' | 'mixed' {
    if (this.selected.has(path) || this.isWithin(path)) return 'true';
    return [...this.selected].some((other) => other.startsWith(`${path}/`)) ? 'mixed' : 'false';
  }

  toggle(path: string): void {
    if (this.isWithin(path) || this.selected.delete(path)) return;
    for (const other of this.selected) if (other.startsWith(`${path}/`)) this.selected.delete(other);
    this.selected.add(path);
  }
}

function parentsOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join('/'));
}
