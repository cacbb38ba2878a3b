/** `<strongroom-restore>` */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Find, RestoreReport, Run, Sink, Snapshot, Vault } from '../types.js';
import { Half } from './half.js';
import { facts, leftOver, running, toldOf, type Going } from './run.js';
import { atWork } from './stay.js';
import { Tree, type Rest, type Row } from './tree.js';
import type { StrongroomRestoreElement } from './types.js';

/** Found names that are shown: who sees more than that types another letter. */
const FINDS_MAX = 500;
const TYPED_MS = 250;

interface Picker { showDirectoryPicker?(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle> }

export class RestoreElement extends Half implements StrongroomRestoreElement {
  static override properties = {
    ...Half.properties, snapshots: { state: true }, chosen: { state: true }, finds: { state: true }, active: { state: true }, run: { state: true }, report: { state: true },
  };
  /** Newest first; absent until they are read. */
  private declare snapshots: Snapshot[] | undefined;
  private declare chosen: Snapshot | undefined;
  /** What a search has found; absent while the tree is shown. */
  private declare finds: Row[] | undefined;
  /** The row that the keyboard is at. */
  private declare active: string;
  private declare run: Run<RestoreReport> | undefined;
  private declare report: RestoreReport | undefined;
  #tree: Tree | undefined;
  #going: Going | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #words = '';
  readonly #backedUp = ({ detail: { vault } }: CustomEvent<{ vault: Vault }>): void => { if (vault === this.open) void this.refresh(); };

  constructor() {
    super();
    this.active = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ownerDocument.addEventListener('strongroom-backed-up', this.#backedUp);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#typing);
    this.ownerDocument.removeEventListener('strongroom-backed-up', this.#backedUp);
    queueMicrotask(() => { if (!this.isConnected) this.run?.cancel(); });
  }

  /** Reads the list of snapshots again. */
  async refresh(): Promise<void> {
    const { open: vault } = this;
    if (!vault) return;
    try {
      const snapshots = await vault.snapshots();
      if (vault !== this.open) return;
      this.snapshots = snapshots;
      if (!this.run) await this.#choose(vault, snapshots[0]);
    } catch (error) {
      if (vault === this.open) this.fail(error);
    }
  }

  protected override begin(): void {
    for (const key of ['snapshots', 'chosen', 'finds', 'run', 'report', 'failure'] as const) this[key] = undefined;
    this.#going = this.#tree = undefined;
    void this.refresh();
  }

  protected override work(vault: Vault): TemplateResult {
    const { text } = this.language;
    return html`
      <section class="card" part="card" aria-labelledby="title">
        <h2 id="title" part="title" tabindex="-1">${text.restoreTitle}</h2>
        ${this.report ? this.#reported(this.report) : this.#going ? running(this.#going, this.language, () => this.requestUpdate()) : this.#browse(vault)}
        ${this.problem()}
        <p class="unseen" role="status">${this.#going?.told}</p>
      </section>`;
  }

  #browse(vault: Vault): TemplateResult {
    const { language, snapshots, chosen } = this;
    const { text } = language;
    if (!snapshots) return this.failure ? html`` : html`<p class="working" role="status"><span class="spinner"></span>${text.loading}</p>`;
    if (!chosen) return html`<p class="hint">${text.noSnapshots}</p>`;
    const choose = (event: Event): void => {
      const id = (event.target as HTMLSelectElement).value;
      void this.#choose(vault, snapshots.find((snapshot) => snapshot.id === id));
    };
    return html`
      <div class="pair">
        <label class="field"><span>${text.snapshot}</span>
          <select part="field" class="snapshot" @change=${choose}>${repeat(snapshots, ({ id }) => id, (snapshot) =>
            html`<option value=${snapshot.id} ?selected=${snapshot === chosen}>${isolated(snapshot.label || text.unnamed)} · ${language.moment(snapshot.time)} · ${language.bytes(snapshot.bytes)}</option>`)}</select></label>
        <label class="field"><span>${text.search}</span>
          <input part="field" class="search" type="search" autocomplete="off" autocapitalize="none" spellcheck="false" .value=${this.#words} @input=${this.#typed}></label>
      </div>
      ${this.#list()}
      ${this.#ways(vault, chosen)}`;
  }

  #list(): TemplateResult {
    const { language, finds } = this;
    const { text } = language;
    const rows: (Row | Rest)[] = finds ?? this.#tree?.rows() ?? [];
    const active = rows.some((row) => keyOf(row) === this.active) ? this.active : rows[0] && keyOf(rows[0]);
    return html`
      <p class="unseen" role="status">${finds ? language.count('found', finds.length) : nothing}</p>
      ${rows.length === 0 ? html`<p class="hint rows">${finds ? language.count('found', 0) : this.#tree?.isOpen('') ? text.empty : text.loading}</p>`
        : html`<div class="rows" part="tree" role="tree" aria-label=${text.tree} aria-multiselectable="true" @keydown=${this.#key} @focusin=${this.#focused}>
            ${repeat(rows, keyOf, (row) => this.#row(row, keyOf(row) === active))}</div>`}`;
  }

  #row(row: Row | Rest, active: boolean): TemplateResult {
    const { language } = this;
    const act = (event: Event): void => {
      this.active = keyOf(row);
      const open = !(event.target as Element).closest('.tick') && !('rest' in row) && row.entry.kind === 'folder' && !this.finds;
      this.#act(row, open ? 'turn' : 'toggle');
    };
    const indents = Array.from({ length: row.level - 1 }, () => html`<i></i>`);
    if ('rest' in row) {
      return html`<div class="row" part="row" role="treeitem" tabindex=${active ? 0 : -1} data-key=${keyOf(row)} aria-level=${row.level} @click=${act}>${indents}<span class="more">${language.count('showMore', Math.min(row.rest, 200))}</span></div>`;
    }
    const { path, entry } = row;
    const folder = entry.kind === 'folder';
    const open = folder && !this.finds ? this.#tree?.isOpen(path) === true : nothing;
    return html`
      <div class="row" part="row" role="treeitem" tabindex=${active ? 0 : -1} data-key=${path} data-kind=${entry.kind} aria-level=${row.level} aria-posinset=${row.place} aria-setsize=${row.siblings}
        aria-expanded=${open} aria-checked=${this.#tree?.check(path) ?? 'false'} aria-disabled=${this.#tree?.isWithin(path) ? 'true' : nothing} @click=${act}>
        ${indents}<span class="twist"></span><span class="tick"></span>
        <span class="name"><bdi translate="no">${this.finds ? path : entry.name}${folder ? '/' : nothing}</bdi></span>
        <span class="size">${language.bytes(entry.size)}</span>
      </div>`;
  }

  #ways(vault: Vault, snapshot: Snapshot): TemplateResult {
    const { language } = this;
    const { text } = language;
    const selected = [...this.#tree?.selected ?? []];
    const rows = [...this.#tree?.rows() ?? [], ...this.finds ?? []];
    const oneFile = selected.length === 1 && rows.some((row) => 'path' in row && row.path === selected[0] && row.entry.kind === 'file');
    const paths = selected.length > 0 ? selected : [''];
    return html`
      <p role="status">${selected.length > 0 ? language.count('selected', selected.length) : text.nothingSelected}</p>
      <div class="buttons">
        <button type="button" part="button primary" class="primary" @click=${() => this.#start(vault, snapshot, paths, { kind: 'download' })}>${oneFile ? text.download : text.downloadZip}</button>
        ${'showDirectoryPicker' in globalThis ? html`<button type="button" part="button" @click=${() => this.#intoFolder(vault, snapshot, paths)}>${text.intoFolder}</button>` : nothing}
      </div>`;
  }

  #reported(report: RestoreReport): TemplateResult {
    const { language } = this;
    const { text } = language;
    const whole = report.damagedCount === 0;
    return html`
      <div class="report" part="report" data-outcome=${whole ? 'whole' : 'partial'}>
        <p class=${whole ? 'good' : 'warn'}><strong tabindex="-1" class="focus">${whole ? text.restored : language.count('restoredPartly', report.damagedCount)}</strong></p>
        ${facts([
          [text.filesDone, language.list(language.count('files', report.files), language.count('folders', report.folders), language.bytes(report.bytes))],
          report.thereFiles > 0 ? [text.there, language.list(language.count('files', report.thereFiles), language.bytes(report.thereBytes))] : undefined,
        ])}
        ${leftOver(text.damaged, report.damaged, report.damagedCount, language)}
        ${report.notes.map((note) => html`<p class="hint" lang="en" dir="ltr">${note}</p>`)}
        <div class="buttons"><button type="button" part="button" class="close" @click=${this.#close}>${text.close}</button></div>
      </div>`;
  }

  async #choose(vault: Vault, snapshot: Snapshot | undefined): Promise<void> {
    this.chosen = snapshot;
    this.finds = undefined;
    this.#words = '';
    const tree = this.#tree = snapshot && new Tree(vault, snapshot.id);
    if (tree) await this.#look(tree, tree.unfold(''));
  }

  /** Draws what was read, where it is still what is looked at. */
  async #look(tree: Tree, reading: Promise<void>): Promise<void> {
    try {
      await reading;
      if (tree === this.#tree) this.requestUpdate();
    } catch (error) {
      if (tree === this.#tree) this.fail(error);
    }
  }

  readonly #typed = (event: Event): void => {
    this.#words = (event.target as HTMLInputElement).value;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.#search(), TYPED_MS);
  };

  async #search(): Promise<void> {
    const [tree, words] = [this.#tree, this.#words];
    if (!tree || words.trim() === '') {
      this.finds = undefined;
      return;
    }
    const found: Find[] = [];
    const current = (): boolean => tree === this.#tree && words === this.#words;
    const show = (): void => {
      this.finds = found.map((entry, at) => ({ path: entry.folder === '' ? entry.name : `${entry.folder}/${entry.name}`, entry, level: 1, place: at + 1, siblings: found.length }));
    };
    try {
      for await (const { finds } of tree.vault.search(tree.snapshot, words)) {
        if (!current()) return;
        found.push(...finds.slice(0, FINDS_MAX - found.length));
        show();
        if (found.length === FINDS_MAX) break;
      }
      if (current()) show();
    } catch (error) {
      if (current()) this.fail(error);
    }
  }

  #act(row: Row | Rest, how: 'turn' | 'toggle'): void {
    const tree = this.#tree;
    if (!tree) return;
    if ('rest' in row) return void this.#more(tree, row);
    if (how === 'toggle') tree.toggle(row.path);
    else if (tree.isOpen(row.path)) tree.fold(row.path);
    else void this.#look(tree, tree.unfold(row.path));
    this.requestUpdate();
  }

  /** Reads on; the focus goes to what is there instead. */
  async #more(tree: Tree, rest: Rest): Promise<void> {
    const at = tree.rows().findIndex((row) => keyOf(row) === keyOf(rest));
    await this.#look(tree, tree.more(rest.folder));
    const row = tree.rows()[at];
    if (tree !== this.#tree || !row) return;
    this.active = keyOf(row);
    await this.focusOn('.row[tabindex="0"]');
  }

  readonly #focused = (event: FocusEvent): void => {
    this.active = (event.target as HTMLElement).closest<HTMLElement>('.row')?.dataset['key'] ?? this.active;
  };

  /** As trees are walked: up, down, into a folder, out of it; the space bar selects. */
  readonly #key = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rows: (Row | Rest)[] = this.finds ?? this.#tree?.rows() ?? [];
    const at = Math.max(0, rows.findIndex((row) => keyOf(row) === this.active));
    const row = rows[at];
    if (!row) return;
    const folder = !this.finds && !('rest' in row) && row.entry.kind === 'folder';
    const open = folder && this.#tree?.isOpen(row.path) === true;
    const to: Record<string, number | (() => void) | undefined> = {
      ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1,
      ' ': () => this.#act(row, 'toggle'),
      Enter: () => this.#act(row, folder ? 'turn' : 'toggle'),
      [this.language.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight']: open ? at + 1 : folder ? () => this.#act(row, 'turn') : undefined,
      [this.language.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft']: open ? () => this.#act(row, 'turn') : rows.slice(0, at).findLastIndex(({ level }) => level < row.level),
    };
    const step = to[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (typeof step === 'function') return step();
    const next = rows[Math.min(rows.length - 1, step)];
    if (!next || step < 0) return;
    this.active = keyOf(next);
    void this.focusOn('.row[tabindex="0"]');
  };

  async #intoFolder(vault: Vault, snapshot: Snapshot, paths: string[]): Promise<void> {
    try {
      const handle = await (globalThis as Picker).showDirectoryPicker?.({ mode: 'readwrite' });
      if (handle) this.#start(vault, snapshot, paths, { kind: 'directory', handle });
    } catch (error) {
      this.fail(error);
    }
  }

  #start(vault: Vault, snapshot: Snapshot, paths: string[], sink: Sink): void {
    this.failure = undefined;
    const run = vault.restore(snapshot.id, paths, sink);
    const going: Going = { kind: 'restore', run, paused: false, told: '' };
    this.run = run;
    this.#going = going;
    run.addEventListener('progress', () => {
      going.told = toldOf(going, this.language);
      this.requestUpdate();
    });
    const over = atWork();
    const end = (): boolean => {
      over();
      if (this.run !== run) return false;
      this.run = this.#going = undefined;
      return true;
    };
    run.done.then((report) => {
      if (!end()) return;
      this.report = report;
      void this.focusOn('.focus');
      this.tell('strongroom-restored', { vault, report });
    }, (error: unknown) => {
      if (!end()) return;
      this.fail(error);
      void this.focusOn('#title');
    });
    void this.focusOn('.focus');
  }

  readonly #close = (): void => {
    this.report = undefined;
    void this.focusOn('#title');
  };

  protected override escape(): boolean {
    if (this.report) this.#close();
    else if (this.#words !== '' && !this.run) {
      this.#words = '';
      void this.#search();
      void this.focusOn('.search');
    } else return false;
    return true;
  }
}

/** A text whose direction does not touch what is around it, where no element can stand. */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** What a row is known by; a path never ends so. */
function keyOf(row: Row | Rest): string {
  return 'rest' in row ? `${row.folder}/` : row.path;
}
