/**
 * What becomes of every entry while a back up runs, in four lists. Only the rows that are seen exist; the rest stays with the engine,
 * so a list of a hundred thousand costs no more than one of ten.
 */

import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ErrorCode, Part, Settled, SettledEntry } from 'strongroom';
import type { BackupActivity } from '../activity.ts';
import { bytes, count } from '../lib/format.ts';
import { lastName, visible } from '../lib/path.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

type List = 'current' | Part;

const LISTS: Record<List, { name: string; empty: string }> = {
  current: { name: 'In progress', empty: 'Nothing is being read right now.' },
  done: { name: 'Done', empty: 'Nothing is done yet.' },
  skipped: { name: 'Skipped', empty: 'Nothing is skipped.' },
  failed: { name: 'Failed', empty: 'Nothing has failed.' },
};
const PARTS: Part[] = ['done', 'skipped', 'failed'];
const REASONS = { unchanged: 'not changed', excluded: 'left out', not_included: 'not named', above: 'left out with its folder' };

/** In a row there is room for little; the whole sentence is its title, and stands in the report. */
const FAULTS: Partial<Record<ErrorCode, string>> = { source_gone: 'not there any more', source_changed: 'changed while it was read', source_unreadable: 'may not be read' };

/** Of one row, and of the rows drawn beyond what is seen. */
const ROW = 46;
const AROUND = 6;
const SEEN = 8;
/** Browsers draw nothing taller than some 33 million pixels. */
const ROWS_MAX = 500_000;

class Lists extends View {
  static override properties = { activity: { attribute: false }, list: { state: true }, rows: { state: true } };
  declare activity: BackupActivity;
  declare list: List;
  /** The rows that were read last, and where they begin. */
  declare rows: { list: List; from: number; settled: Settled };
  #totals: Record<Part, number> = { done: 0, skipped: 0, failed: 0 };
  #first = 0;
  #reading = false;
  #stale = false;
  readonly #refresh = () => void this.#read();

  constructor() {
    super();
    this.list = 'current';
    this.rows = { list: 'current', from: 0, settled: { entries: [], total: 0 } };
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('activity')) return;
    (changed.get('activity') as BackupActivity | undefined)?.removeEventListener('change', this.#refresh);
    this.activity.addEventListener('change', this.#refresh);
    this.#refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.activity.removeEventListener('change', this.#refresh);
  }

  protected override render(): TemplateResult {
    const names = Object.keys(LISTS) as List[];
    return html`
      <div class="lists" data-testid="lists">
        <div class="tabs" role="tablist" aria-label="Files of this back up" @keydown=${this.#key}>${names.map((list) => html`
          <button type="button" role="tab" id="tab-${list}" data-testid="list-tab" data-list=${list} data-value=${this.#total(list)} aria-selected=${list === this.list}
            aria-controls="list-panel" tabindex=${list === this.list ? 0 : -1} @click=${() => this.#show(list)}>
            ${LISTS[list].name} <span class="tally">${count(this.#total(list))}</span></button>`)}</div>
        <div class="window" role="tabpanel" id="list-panel" aria-labelledby="tab-${this.list}" tabindex="0" data-testid="list" data-list=${this.list} @scroll=${this.#scrolled}>
          ${this.#content()}
        </div>
        ${this.list === 'failed' && this.rows.settled.entries.some(({ retriable }) => retriable) ? this.#allAgain() : nothing}
      </div>`;
  }

  /** Inline styles are not allowed here, but a script may set heights. */
  protected override updated(): void {
    const { rows } = this;
    const total = Math.min(rows.settled.total, ROWS_MAX);
    this.#height('above', rows.from * ROW);
    this.#height('below', Math.max(0, total - rows.from - rows.settled.entries.length) * ROW);
  }

  #height(place: string, pixels: number): void {
    const spacer = this.querySelector<HTMLElement>(`.spacer.${place}`);
    if (spacer) spacer.style.height = `${pixels}px`;
  }

  #total(list: List): number {
    return list === 'current' ? this.#current().length : this.#totals[list];
  }

  #current(): string[] {
    const { activity } = this;
    return activity.paused || activity.progress.stage !== 'reading' ? [] : activity.progress.current;
  }

  #content(): TemplateResult {
    if (this.#total(this.list) === 0) return html`<p class="hint nothing">${LISTS[this.list].empty}</p>`;
    if (this.list === 'current') return html`<ul>${this.#current().map((path) => html`<li>${this.#name(path)}</li>`)}</ul>`;
    if (this.rows.list !== this.list) return html`<p class="hint nothing">Reading the list…</p>`;
    const { from, settled } = this.rows;
    return html`<div class="spacer above"></div><ul>${repeat(settled.entries, ({ path }) => path, (entry, place) => html`
      <li data-testid="list-item" data-path=${entry.path} data-code=${entry.code ?? ''} data-reason=${entry.reason ?? ''} aria-setsize=${settled.total} aria-posinset=${from + place + 1}>
        ${this.#name(entry.path)}<span class="hint" title=${entry.message ?? aside(entry)}>${aside(entry)}</span>${entry.retriable ? this.#again(entry.path) : nothing}</li>`)}</ul><div class="spacer below"></div>`;
  }

  #name(path: string): TemplateResult {
    // The name first: of a long path the end would be cut off.
    const name = lastName(path);
    const folder = path.slice(0, -name.length - 1);
    return html`<span class="path" translate="no" title=${visible(path)}><bdi>${visible(name)}</bdi> <bdi class="where">${visible(folder)}</bdi></span>`;
  }

  #again(path: string): TemplateResult {
    return html`<button type="button" class="quiet" data-testid="list-retry" aria-label="Try ${visible(lastName(path))} again" @click=${() => this.#tryAgain(path)}>${icon('again')}<span class="wide">Try again</span></button>`;
  }

  #allAgain(): TemplateResult {
    return html`<div class="buttons"><button type="button" data-testid="list-retry-all" @click=${() => this.#tryAgain()}>${icon('again')}Try all again</button></div>`;
  }

  /** The row goes from the list with its button: what had the focus is not there any more. */
  async #tryAgain(path?: string): Promise<void> {
    this.find('list')?.focus();
    await this.activity.tryAgain(path);
  }

  #show(list: List): void {
    this.list = list;
    this.#first = 0;
    const seen = this.find<HTMLElement>('list');
    if (seen) seen.scrollTop = 0;
    void this.#read();
  }

  #key = (event: KeyboardEvent) => {
    const names = Object.keys(LISTS) as List[];
    const at = names.indexOf(this.list);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    const next = to === undefined ? undefined : names[(to + names.length) % names.length];
    if (next === undefined) return;
    event.preventDefault();
    this.#show(next);
    this.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };

  #scrolled = (event: Event) => {
    this.#first = Math.floor((event.currentTarget as HTMLElement).scrollTop / ROW);
    void this.#read();
  };

  /** Reads the rows that are seen, and how long each list is; once more if it was asked to meanwhile. */
  async #read(): Promise<void> {
    if (this.#reading) {
      this.#stale = true;
      return;
    }
    this.#reading = true;
    do {
      this.#stale = false;
      const { list } = this;
      const from = Math.max(0, Math.min(this.#first, ROWS_MAX) - AROUND);
      try {
        const read = await Promise.all(PARTS.map((part) => this.activity.entries(part, from, part === list ? SEEN + 2 * AROUND : 0)));
        PARTS.forEach((part, place) => { this.#totals[part] = read[place]?.total ?? 0; });
        const settled = list === 'current' ? undefined : read[PARTS.indexOf(list)];
        this.rows = { list, from, settled: settled ?? { entries: [], total: 0 } };
      } catch {
        // The run is over: the report takes this place.
        break;
      }
    } while (this.#stale && this.isConnected);
    this.#reading = false;
  }
}

function aside({ bytes: size, reason, rule, code, message }: SettledEntry): string {
  if (message !== undefined) return (code && FAULTS[code]) ?? message;
  const why = reason === undefined ? '' : rule === undefined || rule.startsWith('/') ? REASONS[reason] : `${REASONS[reason]} by ${rule}`;
  return [why, size === undefined ? '' : bytes(size)].filter((text) => text !== '').join(' · ');
}

customElements.define('sr-lists', Lists);
