/** One file of a snapshot: a look at it, its versions, and the way back for each. */

import { html, nothing, type TemplateResult } from 'lit';
import { mediaType, type Contents, type OpenFile, type Snapshot, type Version } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { bytes, moment, plural } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import { previewOf, wantedBytes, type Preview } from '../lib/preview.ts';
import type { Row } from '../lib/tree.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { problem } from './problem.ts';

/** What the page is asked to restore: this file, of that snapshot. */
export interface Wanted { snapshot: string; row: Row; where: 'download' | 'folder' }

class FileSheet extends View {
  static override properties = {
    session: { attribute: false }, snapshot: { attribute: false }, row: { state: true }, shown: { state: true }, preview: { state: true }, failure: { state: true },
    versions: { state: true }, versionsFailure: { state: true },
  };
  declare session: Session;
  declare snapshot: Snapshot;
  declare row: Row | undefined;
  /** Of which snapshot the preview is. */
  declare shown: string;
  declare preview: Preview | undefined;
  declare failure: Failure | undefined;
  declare versions: Version[] | undefined;
  declare versionsFailure: Failure | undefined;
  /** What is being read, so that it can be given up. */
  #reading: AbortController | undefined;
  /** What is played from. */
  #playing: OpenFile | undefined;
  #url: string | undefined;

  /** Shows a file of the open snapshot. */
  async show(row: Row): Promise<void> {
    this.row = row;
    this.versions = undefined;
    void this.#look(this.snapshot.id);
    void this.#loadVersions();
    await this.updateComplete;
    this.#dialog?.showModal();
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): TemplateResult {
    this.watch(this.session);
    return html`<dialog class="sheet" data-testid="file" aria-labelledby="file-title" @close=${this.#closed} @click=${this.#beside}>${this.row ? this.#content(this.row) : nothing}</dialog>`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#forget();
  }

  #content(row: Row): TemplateResult {
    const { entry, path } = row;
    return html`
      <div class="sheet-content">
        <div class="title-row">
          <h2 id="file-title" tabindex="-1"><bdi translate="no">${visible(entry.name)}</bdi></h2>
          <button type="button" class="quiet" data-testid="file-close" @click=${() => this.#dialog?.close()}>Close</button>
        </div>
        <p class="hint"><bdi translate="no">${visible(path)}</bdi></p>
        ${this.#picture(entry.name)}
        ${this.#actions(this.#version(), row)}
        ${this.#history()}
      </div>`;
  }

  #picture(name: string): TemplateResult {
    const { preview } = this;
    const kind = this.failure ? 'failed' : preview?.kind ?? 'loading';
    return html`
      <section class="preview" data-testid="preview" data-kind=${kind} data-snapshot=${this.shown} aria-label="Preview" aria-busy=${kind === 'loading'}>
        ${problem(this.failure, { retry: () => void this.#look(this.shown) })}
        ${kind === 'loading' ? html`<p class="hint" role="status">Fetching and decrypting…</p>` : nothing}
        ${preview ? this.#shape(preview, name) : nothing}
      </section>`;
  }

  #shape(preview: Preview, name: string): TemplateResult {
    switch (preview.kind) {
      case 'picture': return html`<img src=${this.#url ?? nothing} alt="Preview of ${visible(name)}" data-testid="preview-picture" @error=${this.#undrawable}>`;
      case 'pdf': return html`<sr-pdf .bytes=${preview.bytes} .name=${visible(name)}></sr-pdf>`;
      case 'sound': return html`<audio controls preload="metadata" disableremoteplayback src=${preview.file.url} aria-label="Sound of ${visible(name)}" data-testid="preview-sound" @error=${this.#unplayable}></audio>`;
      case 'film': return html`<video controls playsinline preload="metadata" disableremoteplayback src=${preview.file.url} aria-label="Film of ${visible(name)}" data-testid="preview-film" @error=${this.#unplayable}></video>`;
      case 'none': return html`<p class="hint" data-testid="preview-none">${preview.why}</p>`;
      case 'text': return html`
        <div class=${preview.lines ? 'text code' : 'text'} tabindex="0" role="region" aria-label="Text of ${visible(name)}">
          ${preview.lines ? html`<pre class="numbers" aria-hidden="true">${numbers(preview.text)}</pre>` : nothing}
          <pre data-testid="preview-text" translate="no">${preview.text}</pre>
        </div>
        ${preview.rest > 0 ? html`<p class="hint" data-testid="preview-rest" data-value=${preview.rest}>This is the beginning: ${bytes(preview.rest)} more are not shown.</p>` : nothing}`;
    }
  }

  #actions(version: Version | undefined, row: Row): TemplateResult {
    const { busy } = this.session;
    const other = this.shown !== this.snapshot.id;
    return html`
      <p>${other && version ? html`As it was on ${moment(version.time)}: ` : nothing}${bytes(version?.size ?? row.entry.size)}${this.#changed(version, row)}</p>
      ${busy ? html`<p class="hint">One thing at a time: restore once what is running has ended.</p>` : html`
        <div class="buttons">
          <button type="button" class="primary" data-testid="file-download" @click=${() => this.#restore('download')}>Download</button>
          ${'showDirectoryPicker' in window ? html`<button type="button" data-testid="file-folder" @click=${() => this.#restore('folder')}>Restore into a folder</button>` : nothing}
        </div>`}`;
  }

  #changed(version: Version | undefined, row: Row): string {
    const mtime = version ? version.mtime : row.entry.mtime;
    return mtime === undefined ? '' : `, changed ${moment(mtime)}`;
  }

  #history(): TemplateResult {
    const { versions } = this;
    return html`
      <section class="history" aria-labelledby="versions-title">
        <h3 id="versions-title">Versions</h3>
        ${problem(this.versionsFailure, { retry: () => void this.#loadVersions() })}
        ${versions ? html`
          <ol class="past" data-testid="versions" data-value=${versions.length}>${versions.map((version) => this.#past(version))}</ol>`
          : this.versionsFailure ? nothing : html`<p class="hint" role="status">Looking through the snapshots…</p>`}
      </section>`;
  }

  #past(version: Version): TemplateResult {
    const shown = this.#version() === version;
    return html`
      <li><button type="button" class="past-row" data-testid="version" data-snapshot=${version.snapshot} data-size=${version.size} data-mtime=${version.mtime ?? ''}
        data-snapshots=${version.snapshots} aria-current=${shown ? 'true' : 'false'} @click=${() => void this.#look(version.snapshot)}>
        <span class="dot"></span>
        <span class="grow"><span class="name">${version.mtime === undefined ? moment(version.since) : moment(version.mtime)}</span><span class="hint">${span(version)}</span></span>
        <span class="size">${bytes(version.size)}</span>
      </button></li>`;
  }

  /** The version that is shown. */
  #version(): Version | undefined {
    const time = this.session.snapshots?.find(({ id }) => id === this.shown)?.time ?? this.snapshot.time;
    return this.versions?.find((version) => version.snapshot === this.shown) ?? this.versions?.find((version) => version.since <= time && time <= version.time);
  }

  async #look(snapshot: string): Promise<void> {
    const { row } = this;
    if (!row) return;
    this.#forget();
    const reading = this.#reading = new AbortController();
    this.shown = snapshot;
    const size = this.versions?.find((version) => version.snapshot === snapshot)?.size ?? row.entry.size;
    try {
      const media = mediaType(row.entry.name);
      if (media !== undefined && size > 0) return await this.#play(snapshot, row.path, media.startsWith('audio/') ? 'sound' : 'film', reading.signal);
      const limit = wantedBytes(row.entry.name, size);
      const contents: Contents = await this.session.vault.read(snapshot, row.path, { limit, signal: reading.signal });
      if (reading.signal.aborted) return;
      const preview = previewOf(row.entry.name, contents.bytes, contents.size);
      // Pictures are decoded by the browser from bytes of that very type, and from nothing else.
      if (preview.kind === 'pdf') await import('./pdf.ts');
      if (reading.signal.aborted) return;
      if (preview.kind === 'picture') this.#url = URL.createObjectURL(new Blob([preview.bytes], { type: preview.type }));
      this.preview = preview;
    } catch (error) {
      if (!reading.signal.aborted) this.failure = failureOf(error);
    }
  }

  async #play(snapshot: string, path: string, kind: 'sound' | 'film', signal: AbortSignal): Promise<void> {
    const file = await this.session.vault.open(snapshot, path);
    if (signal.aborted) return file.close();
    this.#playing = file;
    this.preview = { kind, file };
  }

  async #loadVersions(): Promise<void> {
    const { row } = this;
    if (!row) return;
    this.versionsFailure = undefined;
    try {
      const versions = await this.session.vault.versions(row.path);
      if (this.row === row) this.versions = versions;
    } catch (error) {
      if (this.row === row) this.versionsFailure = failureOf(error);
    }
  }

  #undrawable = () => {
    this.preview = { kind: 'none', why: 'This picture cannot be drawn by this browser. Download it to look at it.' };
  };

  #unplayable = () => {
    const { failure } = this.#playing ?? {};
    this.preview = failure ? undefined : { kind: 'none', why: 'This cannot be played by this browser. Download it to play it in another program.' };
    this.failure = failure && failureOf(failure);
  };

  #restore(where: Wanted['where']): void {
    const { row, shown } = this;
    this.#dialog?.close();
    if (row) this.say<Wanted>('sr-wanted', { snapshot: shown, row, where });
  }

  /** A click on what is behind the sheet closes it. */
  #beside = (event: MouseEvent) => {
    if (event.target === this.#dialog) this.#dialog?.close();
  };

  #closed = () => {
    this.#forget();
    this.row = undefined;
  };

  /** Plaintext stays no longer than it is looked at. */
  #forget(): void {
    this.#reading?.abort();
    // What is taken from the page goes on fetching, unless it is told to end.
    for (const media of this.querySelectorAll<HTMLMediaElement>('audio, video')) {
      media.removeAttribute('src');
      media.load();
    }
    this.#playing?.close();
    this.#playing = undefined;
    this.preview = undefined;
    this.failure = undefined;
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }
}

function numbers(text: string): string {
  return text.split('\n').map((_, index) => index + 1).join('\n');
}

/** In which snapshots a version is. */
function span({ snapshots, since, time }: Version): string {
  return snapshots === 1 ? `in the snapshot of ${moment(time)}` : `in ${plural(snapshots, 'snapshot', 'snapshots')}, ${moment(since)} to ${moment(time)}`;
}

export type FileSheetElement = FileSheet;
customElements.define('sr-file', FileSheet);
