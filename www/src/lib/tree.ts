/** A folder of a snapshot with what is unfolded in it, as one list of rows; folders are loaded page by page. */

import type { Entry, Listing } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { isBelow, join } from './path.ts';

export interface Row {
  entry: Entry;
  path: string;
  /** 1 for the folder that is shown, 2 for what is in an unfolded folder of it, and so on. */
  level: number;
  /** Its place in its folder, from 1. */
  place: number;
}

export type SortKey = 'name' | 'size' | 'changed';
export interface Order { key: SortKey; descending: boolean }

/** As the vault keeps them. */
export const BY_NAME: Order = { key: 'name', descending: false };

export type ListFolder = (path: string, options: { after?: string; limit: number }) => Promise<Listing>;

/** The first page is small, so that something is to be seen at once; the rest comes in pages that no reader notices. */
const FIRST = 200;
const PAGE = 4_000;

interface Folder {
  path: string;
  level: number;
  entries: Entry[];
  /** How many there are, once known. */
  total: number | undefined;
  next: string | undefined;
  loading: boolean;
}

/** Dispatches `change` whenever rows have come or gone. */
export class Tree extends EventTarget {
  rows: Row[] = [];
  failure: Failure | undefined;
  #order = BY_NAME;
  readonly #list: ListFolder;
  readonly #root: Folder;
  /** Unfolded, by path. */
  readonly #open = new Map<string, Folder>();
  #ended = false;

  constructor(readonly path: string, list: ListFolder) {
    super();
    this.#list = list;
    this.#root = folderAt(path, 1);
    void this.#load(this.#root);
  }

  /** Whether the folder's first page is still to come. */
  get isLoading(): boolean {
    return this.#root.loading && this.#root.entries.length === 0;
  }

  /** Entries of the folder that are not among the rows yet. */
  get missing(): number {
    return Math.max(0, (this.#root.total ?? 0) - this.#root.entries.length);
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  /** How many entries the folder of this row has. */
  siblings(row: Row): number {
    const folder = row.level === 1 ? this.#root : this.#open.get(parentOf(row));
    return folder?.total ?? folder?.entries.length ?? 0;
  }

  /** The row of the folder that this row is in; -1 for the outermost. */
  parentIndex(index: number): number {
    const level = this.rows[index]?.level ?? 1;
    return level === 1 ? -1 : this.rows.slice(0, index).findLastIndex((row) => row.level < level);
  }

  unfold(row: Row): void {
    if (row.entry.kind !== 'folder' || this.#open.has(row.path)) return;
    const folder = folderAt(row.path, row.level + 1);
    this.#open.set(row.path, folder);
    void this.#load(folder);
  }

  fold(row: Row): void {
    if (!this.#open.has(row.path)) return;
    for (const path of this.#open.keys()) if (path === row.path || isBelow(path, row.path)) this.#open.delete(path);
    const first = this.rows.indexOf(row) + 1;
    this.rows.splice(first, this.#below(first, row.level) - first);
    this.#changed();
  }

  /** Rows in another order, each folder's in its own; a folder that is still loading once it is whole. */
  sort(order: Order): void {
    if (order.key === this.#order.key && order.descending === this.#order.descending) return;
    this.#order = order;
    this.#arrange();
    this.#changed();
  }

  /** Loads what a failure kept away. */
  retry(): void {
    this.failure = undefined;
    for (const folder of [this.#root, ...this.#open.values()]) if (folder.total === undefined || folder.next !== undefined) void this.#load(folder);
  }

  /** Nobody looks any more. */
  end(): void {
    this.#ended = true;
  }

  async #load(folder: Folder): Promise<void> {
    if (folder.loading) return;
    folder.loading = true;
    try {
      do {
        const limit = folder.entries.length === 0 ? FIRST : PAGE;
        const page = await this.#list(folder.path, folder.next === undefined ? { limit } : { after: folder.next, limit });
        if (!this.#wants(folder)) return;
        folder.total = page.total;
        folder.next = page.next;
        this.#add(folder, page.entries);
      } while (folder.next !== undefined);
      if (this.#order !== BY_NAME) this.#arrange();
    } catch (error) {
      if (this.#wants(folder)) this.failure = failureOf(error);
    } finally {
      folder.loading = false;
      this.#changed();
    }
  }

  #wants(folder: Folder): boolean {
    return !this.#ended && (folder === this.#root || this.#open.get(folder.path) === folder);
  }

  #add(folder: Folder, entries: Entry[]): void {
    const { path, level } = folder;
    const rows = entries.map((entry, index) => ({ entry, path: join(path, entry.name), level, place: folder.entries.length + index + 1 }));
    folder.entries.push(...entries);
    const end = folder === this.#root ? this.rows.length : this.#below(this.rows.findIndex((row) => row.path === path) + 1, level - 1);
    if (end === this.rows.length) this.rows.push(...rows);
    else this.rows = [...this.rows.slice(0, end), ...rows, ...this.rows.slice(end)];
    this.#changed();
  }

  #arrange(): void {
    const rows: Row[] = [];
    const lay = ({ path, level, entries, next }: Folder): void => {
      sorted(entries, next === undefined ? this.#order : BY_NAME).forEach((entry, index) => {
        const row = { entry, path: join(path, entry.name), level, place: index + 1 };
        rows.push(row);
        const open = entry.kind === 'folder' ? this.#open.get(row.path) : undefined;
        if (open) lay(open);
      });
    };
    lay(this.#root);
    this.rows = rows;
  }

  /** The first row from `index` on that is no deeper than `level`. */
  #below(index: number, level: number): number {
    let end = index;
    while ((this.rows[end]?.level ?? 0) > level) end += 1;
    return end;
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}

function folderAt(path: string, level: number): Folder {
  return { path, level, entries: [], total: undefined, next: undefined, loading: false };
}

/** What is alike stays in the order of its names; what has no time comes last. */
function sorted(entries: Entry[], { key, descending }: Order): Entry[] {
  if (key === 'name') return descending ? entries.toReversed() : entries;
  const value = (entry: Entry): number => (key === 'size' ? entry.size : entry.mtime ?? (descending ? -Infinity : Infinity));
  return entries.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    return a === b ? 0 : (a < b) === descending ? 1 : -1;
  });
}

function parentOf(row: Row): string {
  return row.path.slice(0, -row.entry.name.length - 1);
}
