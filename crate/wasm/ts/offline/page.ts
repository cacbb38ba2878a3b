/** restore.html: restores from a copy of a vault's objects, without a network and without a server. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { bytes, count, files, moment, plural } from '../../../../www/src/lib/format.ts';
import { toFailure } from '../errors.js';
import type { Writer } from '../sinks.js';
import { fromDrop, fromFiles, type Chosen } from './chosen.js';
import { Link } from './link.js';
import type { FoundVault, Progress } from './messages.js';
import { icon, mark } from './pictures.js';
import type { Entry, Failed, Listed, Opened, Restored, SnapshotInfo } from './reader.js';
import { canStream, canWriteFolder, openFolder, openOne, openZip } from './target.js';

/** Entries of a folder that are shown at one time. */
const PAGE = 500;
/** A download that the browser collects is kept in its memory, or where it likes: above so many bytes it may fail. */
const COLLECTED = 2e9;

type Busy = { what: string; progress?: Progress; cancel?: AbortController };
type Report = Restored & { notes: string[] };

class RestorePage extends LitElement {
  static override properties = Object.fromEntries(
    ['vaults', 'vault', 'way', 'opened', 'snapshot', 'path', 'entries', 'next', 'total', 'selected', 'busy', 'failure', 'report'].map(name => [name, { state: true }]));
  declare vaults: FoundVault[];
  declare vault: number;
  declare way: 'phrase' | 'passphrase';
  declare opened: Opened | undefined;
  declare snapshot: SnapshotInfo | undefined;
  declare path: string;
  declare entries: Entry[];
  declare next: string | undefined;
  /** Of the folder that is shown; not known of one that cannot be read. */
  declare total: number | undefined;
  /** By path. */
  declare selected: Map<string, Entry>;
  declare busy: Busy | undefined;
  declare failure: Failed | undefined;
  declare report: Report | undefined;
  #link: Promise<Link> | undefined;

  constructor() {
    super();
    this.#reset();
    this.busy = undefined;
    this.failure = undefined;
  }

  #reset(): void {
    this.vaults = [];
    this.vault = 0;
    this.way = 'phrase';
    this.opened = undefined;
    this.snapshot = undefined;
    this.path = '';
    this.entries = [];
    this.next = undefined;
    this.total = undefined;
    this.selected = new Map();
    this.report = undefined;
  }

  /** The style is the page's. */
  protected override createRenderRoot(): HTMLElement { return this; }

  protected override firstUpdated(): void {
    this.querySelector('.starting')?.remove();
  }

  protected override render(): TemplateResult {
    return html`
      <header class="head"><span class="brand">${mark()} Strongroom</span><span class="gap"></span><span class="hint" data-testid="offline">Works offline</span></header>
      <main class="stack" @dragover=${this.#dragged} @drop=${this.#dropped}>
        <div class="stack">
          <h1>Restore from a copy of a vault</h1>
          ${this.vaults.length === 0 ? html`<p class="lead">All you need is a copy of the vault’s objects, as a folder or a ZIP, and the recovery phrase or the passphrase. Everything happens
            in this tab: this page cannot reach any network.</p>` : nothing}
        </div>
        ${this.#problem()}
        ${this.#stage()}
      </main>
      <footer class="foot"><span>Nothing leaves this computer.</span></footer>`;
  }

  #problem(): TemplateResult | typeof nothing {
    if (!this.failure) return nothing;
    const { code, message } = this.failure;
    if (code === 'cancelled') return html`<p class="notice" role="status" data-testid="failure">${message}</p>`;
    return html`<div class="problem" role="alert" data-testid="failure">${icon('alert')}<div><p class="cause">${message}</p></div></div>`;
  }

  #stage(): TemplateResult {
    // A folder that is being opened leaves the one before it where it is.
    if (this.busy && (this.busy.cancel || !this.opened)) return this.#working(this.busy);
    if (this.vaults.length === 0) return this.#choice();
    if (!this.opened) return this.#lock();
    return html`${this.report ? this.#restored(this.report) : nothing}${this.#browser(this.opened)}`;
  }

  // Choosing

  #choice(): TemplateResult {
    return html`
      <section class="zone" data-testid="zone">
        ${icon('folder')}
        <h2>Choose the copy</h2>
        <p class="hint">The folder that holds pack, index, snap and slot, or one above it. Or drop it here.</p>
        <div class="buttons centred">
          <label class="button primary">Choose a folder<input class="unseen" type="file" webkitdirectory data-testid="folder" @change=${this.#chosen}></label>
          <label class="button">Choose a ZIP<input class="unseen" type="file" accept=".zip,application/zip" data-testid="zip" @change=${this.#chosen}></label>
        </div>
      </section>`;
  }

  #chosen = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    if (input.files && input.files.length > 0) void this.#take(async () => fromFiles(input.files!));
  };

  #dragged = (event: DragEvent) => event.preventDefault();

  #dropped = (event: DragEvent) => {
    event.preventDefault();
    if (this.busy || !event.dataTransfer) return;
    const chosen = fromDrop(event.dataTransfer);
    // Told once the worker is there.
    chosen.catch(() => undefined);
    void this.#take(() => chosen);
  };

  async #take(choose: () => Promise<Chosen>): Promise<void> {
    this.#reset();
    await this.#work({ what: 'Looking for vaults…' }, async link => {
      this.vaults = await link.call<FoundVault[]>({ open: await choose() });
    });
    if (this.vaults.length > 0) this.#focus('textarea, input:not([type=radio])');
  }

  // Unlocking

  #lock(): TemplateResult {
    const vault = this.vaults[this.vault]!;
    const phrase = vault.passphrase !== 'here' || this.way === 'phrase';
    return html`
      <form class="card" data-testid="unlock" @submit=${this.#unlock}>
        <h2>Unlock</h2>
        ${this.vaults.length === 1 ? html`<p class="hint">${this.#about(vault)}</p>` : html`
          <div class="field"><label for="vault">Vault</label><select id="vault" data-testid="vault" @change=${this.#pickVault}>
            ${this.vaults.map((each, place) => html`<option value=${place} ?selected=${place === this.vault}>${each.id.slice(0, 8)}…: ${this.#about(each)}</option>`)}</select></div>`}
        ${vault.passphrase !== 'here' ? nothing : html`<fieldset class="ways"><legend class="unseen">Unlock with</legend>
          ${this.#wayTo('phrase', 'Recovery phrase')}${this.#wayTo('passphrase', 'Passphrase')}</fieldset>`}
        ${phrase ? html`<div class="field"><label for="phrase">Recovery phrase</label>
            <textarea id="phrase" class="fixed" rows="4" required spellcheck="false" autocomplete="off" autocapitalize="none" data-testid="phrase" aria-describedby="phrase-hint"></textarea>
            <p class="hint" id="phrase-hint">The 24 words of the recovery kit, with a space between them.${vault.passphrase === 'broker'
              ? ' This vault’s passphrase works only through its server, so here it takes the words.' : nothing}</p></div>`
          : html`<div class="field"><label for="passphrase">Passphrase</label><input id="passphrase" type="password" required autocomplete="off" data-testid="passphrase"></div>`}
        <div class="buttons apart"><button type="button" class="quiet" data-testid="other" @click=${this.#again}>Choose another copy</button>
          <button type="submit" class="primary" data-testid="open">Unlock</button></div>
      </form>`;
  }

  #about({ objects, bytes: length }: FoundVault): string {
    return `${count(objects)} objects, ${bytes(length)}`;
  }

  #wayTo(way: 'phrase' | 'passphrase', text: string): TemplateResult {
    return html`<label><input type="radio" name="way" data-testid="way-${way}" .checked=${this.way === way} @change=${() => { this.way = way; }}>${text}</label>`;
  }

  #pickVault = ({ target }: Event) => { this.vault = Number((target as HTMLSelectElement).value); };

  #again = () => {
    this.failure = undefined;
    this.#reset();
  };

  #unlock = async (event: Event) => {
    event.preventDefault();
    const { vault } = this;
    const secret = this.querySelector<HTMLTextAreaElement | HTMLInputElement>('#phrase, #passphrase')!;
    const unlock = secret.id === 'phrase' ? { vault, phrase: secret.value } : { vault, passphrase: secret.value };
    await this.#work({ what: 'Unlocking…' }, async link => {
      this.opened = await link.call<Opened>({ unlock });
      const [newest] = this.opened.snapshots;
      if (newest) await this.#show(link, newest, '');
    });
    this.#focus('h2');
  };

  // Browsing

  #browser({ snapshots, damaged }: Opened): TemplateResult {
    const { snapshot } = this;
    return html`
      ${damaged.length === 0 ? nothing : html`<details class="left notice" data-testid="incomplete"><summary>${count(damaged.length)} parts of this copy cannot be read. What does not need them is intact.</summary>
        <ul>${damaged.map(failed => html`<li>${failed.message}</li>`)}</ul></details>`}
      ${!snapshot ? html`<p class="notice" data-testid="empty">${icon('alert')}This copy has no snapshot that can be read. Look for a more recent copy.</p>` : html`
      <section class="card" data-testid="browser" aria-busy=${this.busy !== undefined}>
        <div class="field"><label for="snapshot">Snapshot</label><select id="snapshot" data-testid="snapshot" @change=${this.#pickSnapshot}>
          ${snapshots.map(each => html`<option value=${each.id} ?selected=${each.id === snapshot.id}>${moment(each.time)}${each.label === '' ? nothing : ` · ${each.label}`} · ${files(each.files)}, ${bytes(each.bytes)}</option>`)}</select></div>
        <nav class="crumbs" aria-label="Folder"><ol>${this.#crumbs()}</ol></nav>
        <ul class="offline-list" data-testid="entries">${this.entries.map(entry => this.#row(entry))}</ul>
        ${this.total === 0 ? html`<p class="hint">This folder is empty.</p>` : nothing}
        ${this.next === undefined ? nothing : html`<div class="buttons centred"><button type="button" data-testid="more" @click=${this.#more}>Show more (${count(this.entries.length)} of ${count(this.total ?? 0)})</button></div>`}
      </section>
      ${this.#actions(snapshot)}`}`;
  }

  #crumbs(): TemplateResult[] {
    const names = this.path === '' ? [] : this.path.split('/');
    return ['', ...names].map((name, depth) => {
      const path = names.slice(0, depth).join('/');
      return html`<li><button type="button" class="link" aria-current=${depth === names.length ? 'location' : nothing} @click=${() => this.#go(path)}><bdi>${depth === 0 ? 'Everything' : name}</bdi></button></li>`;
    });
  }

  #row(entry: Entry): TemplateResult {
    const path = this.path === '' ? entry.name : `${this.path}/${entry.name}`;
    const about = entry.folder ? `${files(entry.files)}, ${bytes(entry.size)}` : bytes(entry.size);
    return html`<li data-kind=${entry.folder ? 'folder' : 'file'} data-name=${entry.name}>
      <label class="tick"><input type="checkbox" aria-label=${`Select ${entry.name}`} .checked=${this.selected.has(path)} @change=${() => this.#toggle(path, entry)}></label>
      ${entry.folder ? html`<button type="button" class="name-button" @click=${() => this.#go(path)}>${icon('folder')}<bdi class="name">${entry.name}</bdi></button>`
        : html`<span class="name-button">${icon('file')}<bdi class="name">${entry.name}</bdi></span>`}
      <span class="hint about">${about}</span>
      ${entry.folder ? nothing : html`<button type="button" class="button quiet" aria-label=${`Restore ${entry.name}`} @click=${() => this.#restore([path], false, () => openOne(entry.name))}>Restore</button>`}
    </li>`;
  }

  #actions(snapshot: SnapshotInfo): TemplateResult {
    const chosen = [...this.selected.values()];
    const size = chosen.length === 0 ? snapshot.bytes : chosen.reduce((sum, entry) => sum + entry.size, 0);
    const paths = chosen.length === 0 ? [''] : [...this.selected.keys()];
    const what = chosen.length === 0 ? 'Everything' : `${count(chosen.length)} selected`;
    return html`
      ${!canStream && size > COLLECTED ? html`<p class="advice" data-testid="large">This browser collects a download before it saves it, and may run out of memory at this size. Restore in parts, or open this page in Chrome or Edge,
        which write as they go.</p>` : nothing}
      <div class="bar"><p data-testid="selection">${what}: ${bytes(size)}</p><div class="buttons">
        ${canWriteFolder ? html`<button type="button" data-testid="restore-folder" @click=${() => this.#restore(paths, true, openFolder)}>Into a folder…</button>` : nothing}
        <button type="button" class="primary" data-testid="restore-zip" @click=${() => this.#restore(paths, false, () => openZip(`restored-${new Date(snapshot.time).toISOString().slice(0, 10)}.zip`))}>Restore as ZIP</button>
      </div></div>`;
  }

  #toggle(path: string, entry: Entry): void {
    const selected = new Map(this.selected);
    if (!selected.delete(path)) selected.set(path, entry);
    this.selected = selected;
  }

  #pickSnapshot = ({ target }: Event) => {
    const chosen = this.opened?.snapshots.find(({ id }) => id === (target as HTMLSelectElement).value);
    if (chosen) void this.#work({ what: 'Opening…' }, link => this.#show(link, chosen, ''));
  };

  #go(path: string): void {
    const { snapshot } = this;
    if (snapshot) void this.#work({ what: 'Opening…' }, link => this.#show(link, snapshot, path));
  }

  #more = () => void this.#work({ what: 'Opening…' }, async link => {
    const listed = await link.call<Listed>({ list: { snapshot: this.snapshot!.id, path: this.path, limit: PAGE, ...(this.next === undefined ? {} : { after: this.next }) } });
    this.entries = [...this.entries, ...listed.entries];
    this.next = listed.next;
  });

  async #show(link: Link, snapshot: SnapshotInfo, path: string): Promise<void> {
    if (snapshot !== this.snapshot) {
      this.selected = new Map();
      this.path = '';
      this.entries = [];
      this.next = this.total = undefined;
    }
    this.snapshot = snapshot;
    const listed = await link.call<Listed>({ list: { snapshot: snapshot.id, path, limit: PAGE } });
    this.path = path;
    this.entries = listed.entries;
    this.next = listed.next;
    this.total = listed.total;
  }

  // Restoring

  async #restore(paths: string[], folder: boolean, open: () => Promise<Writer>): Promise<void> {
    this.report = undefined;
    const cancel = new AbortController();
    const target = open();
    await this.#work({ what: 'Restoring…', cancel }, async link => {
      const writer = await target;
      const onProgress = (progress: Progress) => { this.busy = { what: 'Restoring…', cancel, progress }; };
      try {
        const restore = { snapshot: this.snapshot!.id, paths, sequential: !folder };
        const report = await link.call<Restored>({ restore }, { writer, onProgress, signal: cancel.signal });
        const notes = await writer.close();
        if (report.damagedCount > 0 && !folder) notes.unshift('A file that is named here and stands in the ZIP all the same is cut off there.');
        this.report = { ...report, notes };
      } catch (error) {
        await writer.abort(error).catch(() => {});
        throw error;
      }
    });
  }

  #working({ what, progress, cancel }: Busy): TemplateResult {
    return html`<section class="card progress" aria-live="polite" data-testid="busy">
      ${progress ? html`<p class="stage"><strong>${what}</strong><span>${count(progress.files)} of ${files(progress.filesTotal)}, ${bytes(progress.bytes)} of ${bytes(progress.bytesTotal)}</span></p>
        <progress max=${Math.max(1, progress.bytesTotal)} value=${progress.bytes} aria-label="Restored"></progress>`
        : html`<p class="working"><span class="spinner"></span>${what}</p>`}
      ${cancel ? html`<div class="buttons end"><button type="button" data-testid="cancel" @click=${() => cancel.abort()}>Cancel</button></div>` : nothing}
    </section>`;
  }

  #restored(report: Report): TemplateResult {
    const whole = report.damagedCount === 0;
    return html`<section class="report" data-testid="report" role="status">
      <p class="outcome ${whole ? 'good' : 'warn'}">${icon(whole ? 'done' : 'alert')}<span><strong>${files(report.files)}, ${bytes(report.bytes)} restored.</strong>
        ${whole ? 'Every byte was verified.' : `${plural(report.damagedCount, 'item', 'items')} could not be restored: parts of this copy are damaged or missing. Copy those objects again from the storage, or try an older snapshot.`}</span></p>
      ${whole ? nothing : html`<details class="left" open><summary>What could not be restored</summary><ul data-testid="damaged">${report.damaged.map(({ path, why }) => html`<li><bdi>${path}</bdi><span class="hint">${why}</span></li>`)}</ul></details>`}
      ${report.notes.map(note => html`<p class="hint">${note}</p>`)}
    </section>`;
  }

  // Working

  async #work(busy: Busy, step: (link: Link) => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = busy;
    this.failure = undefined;
    try {
      await step(await (this.#link ??= start()));
    } catch (error) {
      this.failure = toFailure(error);
    } finally {
      this.busy = undefined;
    }
  }

  async #focus(selector: string): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLElement>(selector)?.focus();
  }
}

/** Out of this very file: the worker's script, and the module, compressed. */
async function start(): Promise<Link> {
  const text = (id: string) => document.getElementById(id)?.textContent?.trim() ?? '';
  const packed = Uint8Array.from(atob(text('module')), character => character.charCodeAt(0));
  const module = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Link(text('worker'), await new Response(module).arrayBuffer());
}

customElements.define('sr-restore', RestorePage);
