/** Rows of files and folders as a tree grid: one folder with what is unfolded in it, or what a search has found. Only the rows that can be seen are drawn. */

import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Find } from 'strongroom';
import type { Search } from '../lib/finds.ts';
import { bytes, files, moment } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import { Places } from '../lib/places.ts';
import type { Selection } from '../lib/selection.ts';
import { sliceOf, type Slice } from '../lib/slice.ts';
import { BY_NAME, type Order, type Row, type SortKey, type Tree } from '../lib/tree.ts';
import { Typed } from '../lib/typed.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

/** Until a row was measured, pixels. */
const ROW_HEIGHT = 44;

/** A folder to go to, and the name in it that the focus goes to. */
export interface Opening { path: string; name?: string }

class Entries extends View {
  static override properties = {
    tree: { attribute: false }, found: { attribute: false }, selection: { attribute: false }, busy: { attribute: false }, active: { state: true }, slice: { state: true }, order: { state: true },
  };
  /** The folder that is shown. */
  declare tree: Tree | undefined;
  /** What is shown instead of a folder. */
  declare found: Search | undefined;
  declare selection: Selection;
  /** Something runs: no restore can start. */
  declare busy: boolean;
  /** The path of the row that the keyboard is at. */
  declare active: string | undefined;
  declare slice: Slice;
  /** Kept from folder to folder. */
  declare order: Order;
  readonly #typed = new Typed();
  readonly #places = new Places();
  #height = ROW_HEIGHT;
  /** Where the active row was seen last. */
  #index = 0;
  /** The focus was on a row before they were drawn anew. */
  #focusInside = false;
  readonly #look = () => this.#see();
  /** Rows may have another height in another window. */
  readonly #measure = () => this.requestUpdate();

  constructor() {
    super();
    this.slice = { first: 0, end: 40 };
    this.order = BY_NAME;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Whatever scrolls, the page or something around the grid.
    document.addEventListener('scroll', this.#look, { capture: true, passive: true });
    addEventListener('resize', this.#measure);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('scroll', this.#look, { capture: true });
    removeEventListener('resize', this.#measure);
  }

  get #rows(): readonly Row[] {
    return this.found?.rows ?? this.tree?.rows ?? [];
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    this.#focusInside = this.contains(document.activeElement);
    this.watch(this.found ?? this.tree);
    if (changed.has('tree')) this.tree?.sort(this.order);
    if (!changed.has('tree') && !changed.has('found')) return;
    this.active = undefined;
    this.#index = 0;
  }

  protected override render(): TemplateResult | typeof nothing {
    const rows = this.#rows;
    if (rows.length === 0) return nothing;
    const total = rows.length + (this.found ? 0 : this.tree?.missing ?? 0);
    const active = this.#activeIndex();
    // The row that has the focus stays, however far it is scrolled away; in its order, because an element that is moved loses the focus.
    const drawn = rows.slice(this.slice.first, this.slice.end).map((row, at) => ({ row, index: this.slice.first + at }));
    const row = rows[active];
    if (row && active < this.slice.first) drawn.unshift({ row, index: active });
    else if (row && active >= this.slice.end) drawn.push({ row, index: active });
    const places = this.#places.of(drawn.map(({ row: { path } }) => path));
    return html`
      <div class="grid" role="treegrid" aria-label=${this.found ? 'What was found' : 'Files and folders'} aria-multiselectable="true" aria-rowcount=${total + 1}
        data-testid="entries" data-path=${this.found ? nothing : this.tree?.path ?? ''} data-value=${rows.length} data-total=${total} @keydown=${this.#key} @focusin=${this.#focused}>
        <div class="grid-head" role="row" aria-rowindex="1">
          <span role="columnheader"><span class="unseen">Select</span></span>${this.#column('name', 'Name', '')}${this.#column('changed', 'Changed', 'when')}
          ${this.#column('size', 'Size', 'size')}<span role="columnheader"><span class="unseen">Restore</span></span>
        </div>
        <div class="grid-rows" role="rowgroup" data-rows=${total}>
          ${repeat(drawn, (_, at) => places[at], ({ row, index }) => this.#row(row, index, index === active))}
        </div>
      </div>`;
  }

  protected override updated(): void {
    // A style sheet cannot know these, and the page's policy takes no style from markup.
    const body = this.#body;
    if (!body) return;
    const [row] = body.children;
    // All is measured before anything is set: what is measured between would be laid out once for each.
    const { top } = body.getBoundingClientRect();
    if (row instanceof HTMLElement && row.offsetHeight > 0) this.#height = row.offsetHeight;
    const height = `${Number(body.dataset['rows']) * this.#height}px`;
    const settled = body.style.height === height;
    body.style.height = height;
    for (const child of body.children as HTMLCollectionOf<HTMLElement>) {
      child.style.transform = `translateY(${Number(child.dataset['index']) * this.#height}px)`;
      child.style.setProperty('--level', child.dataset['level'] ?? '1');
    }
    // A row that was taken out or moved while it had the focus: the keyboard goes on where it is.
    if (this.#focusInside && document.activeElement === document.body) this.#rowAt(this.#activeIndex())?.focus({ preventScroll: true });
    // A page that got shorter may have been scrolled by that.
    this.#see(settled ? top : undefined);
  }

  #rowAt(index: number): HTMLElement | null {
    return this.querySelector<HTMLElement>(`.grid-row[data-index="${index}"]`);
  }

  /** A search finds in the order of the tree; a folder can be sorted. */
  #column(key: SortKey, name: string, place: string): TemplateResult {
    if (this.found) return html`<span role="columnheader" class=${place}>${name}</span>`;
    const { key: by, descending } = this.order;
    const sort = key !== by ? nothing : descending ? 'descending' : 'ascending';
    return html`<span role="columnheader" class=${place} aria-sort=${sort}><button type="button" class="sort" data-testid="entries-sort" data-key=${key} @click=${() => this.#sort(key)}>${name}${
      sort === nothing ? nothing : icon(descending ? 'down' : 'up')}</button></span>`;
  }

  /** The largest and the latest are what one looks for first. */
  #sort(key: SortKey): void {
    this.order = { key, descending: key === this.order.key ? !this.order.descending : key !== 'name' };
    this.tree?.sort(this.order);
  }

  #row(row: Row, index: number, active: boolean): TemplateResult {
    const { entry, path, level } = row;
    const folder = entry.kind === 'folder';
    const name = visible(entry.name);
    const cover = this.selection.cover(path);
    const open = folder && !this.found ? (this.tree?.isOpen(path) ? 'true' : 'false') : nothing;
    const reach = active ? 0 : -1;
    const selected = cover === 'picked' || cover === 'within';
    return html`
      <div class="grid-row" role="row" tabindex=${reach} aria-rowindex=${index + 2} aria-level=${level} aria-posinset=${row.place}
        aria-setsize=${this.found ? this.found.rows.length : this.tree?.siblings(row) ?? 0} aria-expanded=${open} aria-selected=${selected}
        data-testid="entry" data-index=${index} data-level=${level} data-path=${path} data-name=${entry.name} data-kind=${entry.kind} data-size=${entry.size}
        data-files=${entry.files} data-mtime=${entry.mtime ?? ''}>
        <span role="gridcell" class="pick"><label class="tick"><input type="checkbox" data-testid="entry-select" tabindex=${reach} aria-label="Select ${name}"
          .checked=${live(selected)} .indeterminate=${live(cover === 'partly')} ?disabled=${cover === 'within'} @change=${() => this.#toggle(row)}></label></span>
        <span role="gridcell" class="name-cell">
          ${open === nothing ? html`<span class="twist"></span>`
            : html`<button type="button" class="twist" tabindex="-1" data-testid="entry-unfold" aria-label="${open === 'true' ? 'Fold' : 'Unfold'} ${name}" @click=${() => this.#unfold(row)}>${icon('next')}</button>`}
          <button type="button" class="name-button" tabindex=${reach} data-testid=${folder ? 'entry-open' : 'entry-look'} @click=${() => this.#enter(row)}>
            ${icon(folder ? 'folder' : 'file')}<bdi class="name" translate="no">${name}</bdi>${this.#beside(row)}</button>
          ${this.found ? this.#where(entry as Find, reach) : nothing}
        </span>
        <span role="gridcell" class="when hint">${entry.mtime === undefined ? '' : moment(entry.mtime)}</span>
        <span role="gridcell" class="size">${bytes(entry.size)}</span>
        <span role="gridcell" class="act"><button type="button" class="quiet" tabindex=${reach} data-testid="entry-restore" ?disabled=${this.busy} aria-label="Restore ${name}"
          @click=${() => this.say('sr-restore', row)}><span class="word">Restore</span>${icon('download')}</button></span>
      </div>`;
  }

  /** The way to where something was found. */
  #where({ folder, name }: Find, reach: number): TemplateResult {
    return html`<button type="button" class="where hint" tabindex=${reach} data-testid="entry-where" data-path=${folder} aria-label="Go to ${visible(name)} in its folder"
      @click=${() => this.say<Opening>('sr-open', { path: folder, name })}><bdi translate="no">${folder === '' ? 'at the top' : visible(folder)}</bdi></button>`;
  }

  /** How much is in a folder. */
  #beside({ entry }: Row): TemplateResult | typeof nothing {
    return entry.kind === 'folder' && !this.found ? html`<span class="hint">${files(entry.files)}</span>` : nothing;
  }

  get #body(): HTMLElement | null {
    return this.querySelector('.grid-rows');
  }

  /** Draws what can be seen now. */
  #see(top = this.#body?.getBoundingClientRect().top): void {
    if (top === undefined) return;
    const slice = sliceOf(-top, innerHeight - top, this.#height, this.#rows.length);
    if (slice.first !== this.slice.first || slice.end !== this.slice.end) this.slice = slice;
  }

  /** Rows come and go above it. */
  #activeIndex(): number {
    const rows = this.#rows;
    if (this.active === undefined) return 0;
    if (rows[this.#index]?.path === this.active) return this.#index;
    const index = rows.findIndex(({ path }) => path === this.active);
    this.#index = index < 0 ? Math.min(this.#index, rows.length - 1) : index;
    return this.#index;
  }

  async #goTo(index: number): Promise<void> {
    const rows = this.#rows;
    const row = rows[Math.min(Math.max(0, index), rows.length - 1)];
    if (!row) return;
    this.active = row.path;
    this.#index = rows.indexOf(row);
    await this.updateComplete;
    const element = this.#rowAt(this.#index);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: 'nearest' });
    requestAnimationFrame(now => this.#typed.shown(now));
  }

  /** The focus goes to the first row, or to that of a name. */
  focusRow(name?: string): void {
    const index = name === undefined ? 0 : this.#rows.findIndex(({ entry }) => entry.name === name);
    void this.#goTo(index);
  }

  #focused = (event: FocusEvent) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('.grid-row');
    if (row?.dataset['path'] === undefined || row.dataset['path'] === this.active) return;
    this.active = row.dataset['path'];
    this.#index = Number(row.dataset['index']);
  };

  #key = (event: KeyboardEvent) => {
    const index = this.#activeIndex();
    const row = this.#rows[index];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    // The head's buttons are their own; from there it only goes down.
    if ((event.target as HTMLElement).closest('.grid-head') && event.key !== 'ArrowDown') return;
    const onRow = (event.target as HTMLElement).classList.contains('grid-row');
    const step = this.#step(event.key, index, row, onRow);
    if (step === undefined) return;
    event.preventDefault();
    if (typeof step === 'number') void this.#goTo(step);
    else step();
  };

  /** The row to go to, or what to do; nothing for a key that is not ours. */
  #step(key: string, index: number, row: Row, onRow: boolean): number | (() => void) | undefined {
    const page = Math.max(1, Math.floor((innerHeight * 0.7) / this.#height));
    const open = !this.found && this.tree?.isOpen(row.path) === true;
    if ([...key].length !== 1) this.#typed.end();
    switch (key) {
      case 'ArrowDown': return index + 1;
      case 'ArrowUp': return index - 1;
      case 'PageDown': return index + page;
      case 'PageUp': return index - page;
      case 'Home': return 0;
      case 'End': return this.#rows.length - 1;
      case 'ArrowRight':
        if (open) return index + 1;
        return !this.found && row.entry.kind === 'folder' ? () => this.#unfold(row) : () => undefined;
      case 'ArrowLeft':
        if (open) return () => this.#unfold(row);
        return this.found ? index : Math.max(this.tree?.parentIndex(index) ?? 0, row.level === 1 ? index : 0);
      // On a row; on a button inside it, the button's own.
      case 'Enter': return onRow ? () => this.#enter(row) : undefined;
    }
    if (!onRow || [...key].length !== 1) return undefined;
    if (key === ' ' && !this.#typed.isTyping(performance.now())) return () => this.#toggle(row);
    const rows = this.#rows;
    const names = { length: rows.length, at: (place: number) => rows[place]?.entry.name ?? '' };
    const place = this.#typed.type(key, performance.now(), names, index);
    return place < 0 ? index : place;
  }

  #unfold(row: Row): void {
    if (this.tree?.isOpen(row.path)) this.tree.fold(row);
    else this.tree?.unfold(row);
  }

  #enter(row: Row): void {
    if (row.entry.kind === 'folder') this.say<Opening>('sr-open', { path: row.path });
    else this.say<Row>('sr-look', row);
  }

  #toggle({ entry, path }: Row): void {
    const cover = this.selection.cover(path);
    if (cover === 'picked') this.selection.remove(path);
    else this.selection.add(path, { kind: entry.kind, files: entry.files, bytes: entry.size });
    this.requestUpdate();
    this.say('sr-picked', path);
  }
}

export type EntriesElement = Entries;
customElements.define('sr-entries', Entries);
