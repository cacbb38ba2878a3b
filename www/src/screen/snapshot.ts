/** One snapshot: browse its tree, pick, restore. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Entry, Sink, Snapshot } from 'strongroom';
import { failureOf, isDismissed, type Failure } from '../failure.ts';
import { bytes, count, files, moment, plural } from '../lib/format.ts';
import { crumbs, join, lastName, visible, type Crumb } from '../lib/path.ts';
import { Selection } from '../lib/selection.ts';
import { icon } from '../part/icon.ts';
import { problem } from '../part/problem.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import '../part/activity.ts';
import '../part/entries.ts';

class SnapshotScreen extends View {
  static override properties = { session: { attribute: false }, snapshot: { attribute: false }, path: { attribute: false }, failure: { state: true } };
  declare session: Session | undefined;
  declare snapshot: Snapshot;
  declare path: string;
  declare failure: Failure | undefined;
  #selection = new Selection();

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('snapshot') as Snapshot | undefined;
    if (before && before.id !== this.snapshot.id) this.#selection = new Selection();
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
        <sr-activity .session=${session} .reports=${['restore']}></sr-activity>
        ${problem(this.failure, { dismiss: () => { this.failure = undefined; } })}
        <section class="card" aria-label="Files and folders">
          <nav class="crumbs" aria-label="Folder"><ol>${crumbs(this.path).map((crumb) => this.#crumb(crumb))}</ol></nav>
          <sr-entries .vault=${session.vault} .snapshot=${snapshot.id} .path=${this.path} .selection=${this.#selection} .busy=${session.busy}
            @sr-open=${(event: CustomEvent<string>) => this.#open(event.detail)}
            @sr-picked=${() => this.requestUpdate()}
            @sr-restore=${(event: CustomEvent<Entry>) => this.#restoreEntry(event.detail)}></sr-entries>
        </section>
        ${session.busy && session.activity?.kind === 'restore' ? nothing : this.#bar(session)}
      </section>`;
  }

  protected override updated(changed: Map<string, unknown>): void {
    // The button that opened a folder is gone with the folder before: the focus goes to where one is now.
    if (changed.get('path') !== undefined) this.querySelector<HTMLElement>('[aria-current="location"]')?.focus();
  }

  #crumb({ name, path }: Crumb): TemplateResult {
    const here = path === this.path;
    return html`<li><button type="button" class="link" data-testid="crumb" data-path=${path} aria-current=${here ? 'location' : 'false'}
      @click=${() => { if (!here) this.#open(path); }}>${path === '' ? 'Everything' : html`<bdi>${visible(name)}</bdi>`}</button></li>`;
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
          : html`<div class="buttons">${this.#buttons(all)}</div>`}
      </div>`;
  }

  #buttons(all: boolean): unknown[] {
    const scope = all ? 'all' : 'selection';
    return [
      html`<button type="button" class="primary" data-testid="restore-${scope}-download" @click=${this.#download}>${all ? 'Download everything' : 'Download'}</button>`,
      'showDirectoryPicker' in window
        ? html`<button type="button" data-testid="restore-${scope}-folder" @click=${this.#intoFolder}>Restore into a folder</button>`
        : nothing,
    ];
  }

  #open(path: string): void {
    this.say('sr-go', { screen: 'snapshot', snapshot: this.snapshot, path });
  }

  #clear = () => {
    this.#selection.clear();
    this.requestUpdate();
    this.querySelector<HTMLElement & { requestUpdate(): void }>('sr-entries')?.requestUpdate();
  };

  #restoreEntry(entry: Entry): void {
    const name = entry.kind === 'folder' ? `${entry.name}.zip` : entry.name;
    this.#restore([join(this.path, entry.name)], { kind: 'download', name });
  }

  /** Starts within the click, as save pickers demand. */
  #download = () => {
    const paths = this.#paths();
    const [only] = paths;
    const isFile = paths.length === 1 && only !== undefined && only !== '' && this.#selection.isFile(only);
    this.#restore(paths, { kind: 'download', name: isFile ? lastName(only) : `${this.#title()}.zip` });
  };

  #intoFolder = async () => {
    const paths = this.#paths();
    try {
      const handle = await window.showDirectoryPicker({ mode: 'readwrite' });
      this.#restore(paths, { kind: 'directory', handle });
    } catch (error) {
      if (!isDismissed(error)) this.failure = failureOf(error);
    }
  };

  #restore(paths: string[], sink: Sink): void {
    this.failure = undefined;
    try {
      this.session?.restore(this.snapshot.id, paths, sink, this.#what(paths));
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
}

customElements.define('sr-snapshot', SnapshotScreen);
