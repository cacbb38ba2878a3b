/** One folder of a snapshot, a page at a time. */

import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Entry, Vault } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { bytes, count, files, moment } from '../lib/format.ts';
import { join, visible } from '../lib/path.ts';
import type { Selection } from '../lib/selection.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

const PAGE = 200;

class Entries extends View {
  static override properties = {
    vault: { attribute: false }, snapshot: { attribute: false }, path: { attribute: false }, selection: { attribute: false }, busy: { attribute: false },
    entries: { state: true }, next: { state: true }, loading: { state: true }, failure: { state: true },
  };
  declare vault: Vault;
  /** Id of the snapshot. */
  declare snapshot: string;
  declare path: string;
  declare selection: Selection;
  /** Something runs: no restore can start. */
  declare busy: boolean;
  declare entries: Entry[];
  declare next: string | undefined;
  declare loading: boolean;
  declare failure: Failure | undefined;

  constructor() {
    super();
    this.entries = [];
    this.loading = false;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('snapshot') || changed.has('path')) {
      this.entries = [];
      this.next = undefined;
      void this.#load();
    }
  }

  protected override render(): TemplateResult {
    return html`
      ${this.entries.length > 0 ? this.#table() : nothing}
      ${problem(this.failure, { retry: () => void this.#load(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
      ${this.loading ? html`<p class="hint" role="status" data-testid="entries-loading">Reading the folder…</p>` : nothing}
      ${!this.loading && !this.failure && this.entries.length === 0 ? html`<p class="hint" data-testid="entries-empty">This folder is empty.</p>` : nothing}
      ${!this.loading && this.next !== undefined
        ? html`<div class="buttons"><button type="button" data-testid="entries-more" @click=${() => void this.#load()}>Show more</button>
            <span class="hint">${count(this.entries.length)} shown</span></div>`
        : nothing}`;
  }

  #table(): TemplateResult {
    return html`
      <table class="entries" data-testid="entries" data-path=${this.path} data-value=${this.entries.length}>
        <thead><tr>
          <th scope="col"><span class="unseen">Select</span></th><th scope="col">Name</th><th scope="col" class="wide">Changed</th>
          <th scope="col" class="end">Size</th><th scope="col"><span class="unseen">Restore</span></th>
        </tr></thead>
        <tbody>${repeat(this.entries, ({ name }) => name, (entry) => this.#row(entry))}</tbody>
      </table>`;
  }

  #row(entry: Entry): TemplateResult {
    const folder = entry.kind === 'folder';
    const name = visible(entry.name);
    const cover = this.selection.cover(join(this.path, entry.name));
    const when = entry.mtime === undefined ? '' : moment(entry.mtime);
    return html`
      <tr data-testid="entry" data-name=${entry.name} data-kind=${entry.kind} data-size=${entry.size} data-files=${entry.files} data-mtime=${entry.mtime ?? ''}>
        <td><label class="tick"><input type="checkbox" data-testid="entry-select" aria-label="Select ${name}" .checked=${live(cover === 'picked' || cover === 'within')}
          .indeterminate=${live(cover === 'partly')} ?disabled=${cover === 'within'} @change=${(event: Event) => this.#pick(entry, event)}></label></td>
        <td class="name-cell">${folder
          ? html`<button type="button" class="name-button" data-testid="entry-open" @click=${() => this.say('sr-open', join(this.path, entry.name))}>${icon('folder')}<bdi class="name" translate="no">${name}</bdi></button>`
          : html`<span class="name-button">${icon('file')}<bdi class="name" translate="no">${name}</bdi></span>`}</td>
        <td class="wide hint">${when}</td>
        <td class="end size"><span>${bytes(entry.size)}</span>${folder ? html`<span class="hint below">${files(entry.files)}</span>` : nothing}</td>
        <td class="end"><button type="button" class="quiet" data-testid="entry-restore" ?disabled=${this.busy} aria-label="Restore ${name}"
          @click=${() => this.say('sr-restore', entry)}>Restore</button></td>
      </tr>`;
  }

  #pick(entry: Entry, event: Event): void {
    const path = join(this.path, entry.name);
    if ((event.target as HTMLInputElement).checked) this.selection.add(path, { kind: entry.kind, files: entry.files, bytes: entry.size });
    else this.selection.remove(path);
    this.requestUpdate();
    this.say('sr-picked', path);
  }

  async #load(): Promise<void> {
    const { snapshot, path, next } = this;
    this.loading = true;
    this.failure = undefined;
    // An answer for a folder that was left meanwhile is of no use.
    const stale = () => snapshot !== this.snapshot || path !== this.path;
    try {
      const listing = await this.vault.list(snapshot, path, next === undefined ? { limit: PAGE } : { after: next, limit: PAGE });
      if (stale()) return;
      this.entries = [...this.entries, ...listing.entries];
      this.next = listing.next;
    } catch (error) {
      if (!stale()) this.failure = failureOf(error);
    } finally {
      if (!stale()) this.loading = false;
    }
  }
}

customElements.define('sr-entries', Entries);
