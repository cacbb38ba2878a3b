/** One snapshot: go through time, browse its tree, search it, look at files, pick, restore. */

import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Sink, Snapshot } from 'strongroom';
import { failureOf, isDismissed, type Failure } from '../failure.ts';
import { MOST_FINDS, Search } from '../lib/finds.ts';
import { bytes, count, files, moment, plural } from '../lib/format.ts';
import { crumbs, lastName, parent, visible, type Crumb } from '../lib/path.ts';
import { Selection } from '../lib/selection.ts';
import { Tree, type Row } from '../lib/tree.ts';
import type { EntriesElement, Opening } from '../part/entries.ts';
import type { FileSheetElement, Wanted } from '../part/file.ts';
import { icon } from '../part/icon.ts';
import { problem } from '../part/problem.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import '../part/activity.ts';
import '../part/entries.ts';
import '../part/file.ts';
import '../part/timeline.ts';

/** A pause in typing after which a search begins. */
const SEARCH_AFTER = 200;

class SnapshotScreen extends View {
  static override properties = {
    session: { attribute: false }, snapshot: { attribute: false }, path: { attribute: false }, failure: { state: true }, tree: { state: true }, found: { state: true },
    check: { state: true },
  };
  declare session: Session | undefined;
  declare snapshot: Snapshot;
  /** The folder that was asked for. Another snapshot may lack it: then the nearest folder above is shown. */
  declare path: string;
  declare failure: Failure | undefined;
  declare tree: Tree | undefined;
  declare found: Search | undefined;
  /** Whether what is restored into a folder is read back. */
  declare check: boolean;
  #selection = new Selection();
  #searching: ReturnType<typeof setTimeout> | undefined;
  /** Where the focus goes once the folder is here: nowhere, to its first row, or to that name. */
  #landing: { name?: string } | undefined;
  readonly #moved = () => this.#treeMoved();
  readonly #searched = () => this.requestUpdate();

  constructor() {
    super();
    this.check = true;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#searching);
    this.tree?.end();
    this.found?.end();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('snapshot') as Snapshot | undefined;
    const travelled = before !== undefined && before.id !== this.snapshot.id;
    if (travelled) this.#selection = new Selection();
    if (!this.session || !(changed.has('session') || changed.has('snapshot') || changed.has('path'))) return;
    this.#plant(this.path);
    // The button that led here is gone with the folder before.
    if (changed.get('path') !== undefined) this.#landing ??= {};
    if (travelled && this.found) this.#search(this.found.words);
    else if (changed.get('path') !== undefined) this.#endSearch();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session, snapshot } = this;
    this.watch(session);
    if (!session) return nothing;
    return html`
      <section class="stack" data-testid="screen-snapshot" aria-labelledby="snapshot-title">
        <div>
          <button type="button" class="link back" data-testid="snapshot-back" @click=${() => this.say('sr-home', undefined)}>${icon('back')}Vault</button>
          <h1 id="snapshot-title" tabindex="-1">${snapshot.label === '' ? 'Snapshot' : visible(snapshot.label)}</h1>
          <p class="hint">${moment(snapshot.time)} · ${files(snapshot.files)}, ${bytes(snapshot.bytes)}${snapshot.left > 0 ? ` · ${count(snapshot.left)} left out` : ''}</p>
        </div>
        <sr-timeline .snapshots=${session.snapshots ?? []} .open=${snapshot} @sr-travel=${(event: CustomEvent<Snapshot>) => this.#travel(event.detail)}></sr-timeline>
        <sr-activity .session=${session} .reports=${['restore']}></sr-activity>
        ${problem(this.failure, { dismiss: () => { this.failure = undefined; } })}
        <section class="card finder" aria-label="Files and folders" @sr-picked=${() => this.requestUpdate()}
          @sr-open=${(event: CustomEvent<Opening>) => this.#open(event.detail)} @sr-look=${(event: CustomEvent<Row>) => void this.#sheet?.show(event.detail)}
          @sr-restore=${(event: CustomEvent<Row>) => this.#restoreRow(event.detail)}>
          ${this.#searchField()}
          ${this.found ? this.#foundSentence(this.found) : this.#place()}
          <sr-entries .tree=${this.tree} .found=${this.found} .selection=${this.#selection} .busy=${session.busy}></sr-entries>
          ${this.found ? nothing : this.#treeState()}
        </section>
        ${session.busy && session.activity?.kind === 'restore' ? nothing : this.#bar(session)}
        <sr-file .session=${session} .snapshot=${snapshot} @sr-wanted=${(event: CustomEvent<Wanted>) => void this.#restoreWanted(event.detail)}></sr-file>
      </section>`;
  }

  #searchField(): TemplateResult {
    return html`
      <form class="find" role="search" @submit=${this.#submit}>
        <label class="unseen" for="find">Find a name in this snapshot</label>
        ${icon('search')}
        <input id="find" type="search" data-testid="find" placeholder="Find a name in this snapshot" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="200"
          @input=${this.#typed} @keydown=${this.#searchKey}>
      </form>`;
  }

  #foundSentence(found: Search): TemplateResult {
    const { rows, looked, unread, state, failure } = found;
    return html`
      ${problem(failure, { retry: () => this.#search(found.words) })}
      <p class="hint" role="status" data-testid="find-state" data-value=${rows.length} data-state=${failure ? 'failed' : state}>${failure ? nothing : sentence(found)}
        ${unread > 0 ? html`<span data-testid="find-unread" data-value=${unread}>${plural(unread, 'folder', 'folders')} could not be read.</span>` : nothing}
        <span class="unseen" data-testid="find-looked" data-value=${looked}></span></p>`;
  }

  #place(): TemplateResult {
    const path = this.tree?.path ?? '';
    const lacks = path !== this.path;
    return html`
      <nav class="crumbs" aria-label="Folder"><ol>${crumbs(path).map((crumb) => this.#crumb(crumb, path))}</ol></nav>
      ${lacks ? html`<p class="advice" role="status" data-testid="path-missing"><bdi translate="no">${visible(this.path)}</bdi> is not in this snapshot. This is the nearest folder that is.</p>` : nothing}`;
  }

  #crumb({ name, path }: Crumb, shown: string): TemplateResult {
    const here = path === shown;
    return html`<li><button type="button" class="link" data-testid="crumb" data-path=${path} aria-current=${here ? 'location' : 'false'}
      @click=${() => { if (!here) this.#open({ path }); }}>${path === '' ? 'Everything' : html`<bdi>${visible(name)}</bdi>`}</button></li>`;
  }

  #treeState(): unknown {
    const { tree } = this;
    if (!tree) return nothing;
    return [
      problem(tree.failure, { retry: () => tree.retry(), unlock: () => this.say('sr-lock', 'Your session has ended.') }),
      tree.isLoading ? html`<p class="hint" role="status" data-testid="entries-loading">Reading the folder…</p>` : nothing,
      !tree.isLoading && !tree.failure && tree.rows.length === 0 ? html`<p class="hint" data-testid="entries-empty">This folder is empty.</p>` : nothing,
    ];
  }

  #bar(session: Session): TemplateResult {
    const picked = this.#selection;
    const weight = picked.weight;
    const all = picked.size === 0;
    return html`
      <div class="bar" role="region" aria-label="Restore">
        ${all
          ? html`<p>Restore everything, or tick what you need.</p>`
          : html`<p><span data-testid="selection" data-value=${picked.size} data-files=${weight.files} data-bytes=${weight.bytes} role="status">
                ${plural(picked.size, 'entry', 'entries')} selected: ${files(weight.files)}, ${bytes(weight.bytes)}</span>
              <button type="button" class="link" data-testid="selection-clear" @click=${this.#clear}>Clear</button></p>`}
        ${session.busy
          ? html`<p class="hint">One thing at a time: restore once the ${session.activity?.kind === 'backup' ? 'back up' : 'verification'} above has ended.</p>`
          : html`${'showDirectoryPicker' in window
            ? html`<label class="check"><input type="checkbox" data-testid="restore-check" .checked=${live(this.check)} @change=${this.#checkChanged}> Read a folder back and compare</label>`
            : html`<p class="hint" data-testid="restore-no-folder">This browser lets no page write into a folder: one file comes as itself, everything else as one ZIP, which keeps
                names, times and empty folders. Unpack it where you want it.</p>`}
            <div class="buttons">${this.#buttons(all)}</div>`}
      </div>`;
  }

  #buttons(all: boolean): unknown[] {
    const scope = all ? 'all' : 'selection';
    return [
      html`<button type="button" class="primary" data-testid="restore-${scope}-download" @click=${this.#download}>${all ? 'Download everything' : 'Download'}</button>`,
      'showDirectoryPicker' in window
        ? html`<button type="button" data-testid="restore-${scope}-folder" @click=${() => void this.#intoFolder(this.snapshot.id, this.#paths())}>Restore into a folder</button>`
        : nothing,
    ];
  }

  #open({ path, name }: Opening): void {
    if (name !== undefined) this.#landing = { name };
    if (path !== this.path || this.tree?.path !== path) this.say('sr-go', { screen: 'snapshot', snapshot: this.snapshot, path });
    else this.#landed(this.#landing ?? {});
    this.#endSearch();
  }

  #travel(snapshot: Snapshot): void {
    this.say('sr-go', { screen: 'snapshot', snapshot, path: this.path });
  }

  /** Shows that folder, as soon as it is read. */
  #plant(path: string): void {
    this.tree?.end();
    this.tree?.removeEventListener('change', this.#moved);
    const { id } = this.snapshot;
    this.tree = new Tree(path, (folder, options) => this.session!.vault.list(id, folder, options));
    this.tree.addEventListener('change', this.#moved);
  }

  #treeMoved(): void {
    const { tree } = this;
    if (!tree) return;
    if (tree.failure?.code === 'no_such_path' && tree.path !== '' && tree.rows.length === 0) this.#plant(parent(tree.path));
    else if (!tree.isLoading) this.#landed(this.#landing);
    this.requestUpdate();
  }

  /** Puts the focus where one is now. */
  #landed(landing: { name?: string } | undefined): void {
    this.#landing = undefined;
    if (!landing) return;
    void this.updateComplete.then(async () => {
      const entries = this.querySelector<EntriesElement>('sr-entries');
      await entries?.updateComplete;
      if (this.tree && this.tree.rows.length > 0) entries?.focusRow(landing.name);
      else this.querySelector<HTMLElement>('[aria-current="location"]')?.focus();
    });
  }

  #typed = (event: Event) => {
    const words = (event.target as HTMLInputElement).value;
    clearTimeout(this.#searching);
    if (words.trim() === '') this.#endSearch();
    else this.#searching = setTimeout(() => this.#search(words), SEARCH_AFTER);
  };

  #submit = (event: Event) => {
    event.preventDefault();
    clearTimeout(this.#searching);
    const words = this.find<HTMLInputElement>('find')?.value ?? '';
    if (words.trim() !== '' && words !== this.found?.words) this.#search(words);
  };

  #searchKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown') return;
    event.preventDefault();
    this.querySelector<EntriesElement>('sr-entries')?.focusRow();
  };

  #search(words: string): void {
    this.found?.end();
    this.found?.removeEventListener('change', this.#searched);
    this.found = new Search(words, this.session!.vault.search(this.snapshot.id, words));
    this.found.addEventListener('change', this.#searched);
  }

  #endSearch(): void {
    clearTimeout(this.#searching);
    this.found?.end();
    this.found = undefined;
    const field = this.find<HTMLInputElement>('find');
    if (field && document.activeElement !== field) field.value = '';
  }

  #checkChanged = (event: Event) => {
    this.check = (event.target as HTMLInputElement).checked;
  };

  #clear = () => {
    this.#selection.clear();
    this.requestUpdate();
    this.querySelector<EntriesElement>('sr-entries')?.requestUpdate();
  };

  #restoreRow({ entry, path }: Row): void {
    this.#restore(this.snapshot.id, [path], { kind: 'download', name: entry.kind === 'folder' ? `${entry.name}.zip` : entry.name });
  }

  async #restoreWanted({ snapshot, row, where }: Wanted): Promise<void> {
    if (where === 'folder') await this.#intoFolder(snapshot, [row.path]);
    else this.#restore(snapshot, [row.path], { kind: 'download', name: row.entry.name });
  }

  /** Starts within the click, as save pickers demand. */
  #download = () => {
    const paths = this.#paths();
    const [only] = paths;
    const isFile = paths.length === 1 && only !== undefined && only !== '' && this.#selection.isFile(only);
    this.#restore(this.snapshot.id, paths, { kind: 'download', name: isFile ? lastName(only) : `${this.#title()}.zip` });
  };

  async #intoFolder(snapshot: string, paths: string[]): Promise<void> {
    try {
      const handle = await window.showDirectoryPicker({ mode: 'readwrite' });
      this.#restore(snapshot, paths, { kind: 'directory', handle });
    } catch (error) {
      if (!isDismissed(error)) this.failure = failureOf(error);
    }
  }

  #restore(snapshot: string, paths: string[], sink: Sink): void {
    this.failure = undefined;
    try {
      this.session?.restore(snapshot, paths, sink, this.#what(paths), this.check);
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  #paths(): string[] {
    return this.#selection.size === 0 ? [''] : this.#selection.paths;
  }

  #what(paths: string[]): string {
    const [first = ''] = paths;
    if (paths.length > 1) return plural(paths.length, 'entry', 'entries');
    return first === '' ? 'everything' : visible(lastName(first));
  }

  /** Name for a ZIP: the label, or the day where there is none. */
  #title(): string {
    const { label, time } = this.snapshot;
    return label === '' ? `snapshot-${new Date(time).toISOString().slice(0, 10)}` : label.replaceAll('/', '-');
  }

  get #sheet(): FileSheetElement | null {
    return this.querySelector('sr-file');
  }
}

function sentence({ rows, looked, state }: Search): string {
  switch (state) {
    case 'searching': return `Searching: ${count(rows.length)} found so far.`;
    case 'full': return `The first ${count(MOST_FINDS)} are shown. Type more of the name to find fewer.`;
    case 'whole': return rows.length === 0 ? `No name among ${count(looked)} holds these words.` : `${count(rows.length)} of ${plural(looked, 'name', 'names')}.`;
  }
}

customElements.define('sr-snapshot', SnapshotScreen);
