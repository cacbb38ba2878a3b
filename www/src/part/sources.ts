/** What to back up: a zone to drop files and folders on, and the pickers. */

import { html, type TemplateResult } from 'lit';
import { failureOf, isDismissed, type Failure } from '../failure.ts';
import { labelFor, withinLabel } from '../lib/path.ts';
import type { BackupSource, Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

/** What each way of choosing a folder leaves out without saying so: the page says it. */
const SKIPS = {
  handle: 'A chosen folder comes without names that some other system forbids, for instance with a colon, a question mark or a space at the end. '
    + 'Drop the folder on the page instead to keep them.',
  list: 'A chosen folder comes without its empty folders, and in Safari without names that begin with a dot. '
    + 'Drop the folder on the page instead to keep them.',
};

class Sources extends View {
  static override properties = { session: { attribute: false }, over: { state: true }, failure: { state: true } };
  declare session: Session;
  /** Something is held over the zone. */
  declare over: boolean;
  declare failure: Failure | undefined;

  constructor() {
    super();
    this.over = false;
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" aria-labelledby="sources-title">
        <h2 id="sources-title">Back up</h2>
        <div class=${this.over ? 'zone over' : 'zone'} data-testid="drop-zone" @dragenter=${this.#hold} @dragover=${this.#hold}
          @dragleave=${this.#leave} @drop=${this.#drop}>
          ${icon('upload')}
          <p><strong>Drop files and folders here</strong></p>
          <p class="hint">You see what will go before anything is sent.</p>
          <div class="buttons centred">
            <button type="button" data-testid="pick-folder" @click=${this.#pickFolder}>Choose a folder</button>
            <button type="button" data-testid="pick-files" @click=${() => this.find('input-files')?.click()}>Choose files</button>
          </div>
        </div>
        <input class="unseen" type="file" multiple tabindex="-1" aria-hidden="true" data-testid="input-files" @change=${this.#files}>
        <input class="unseen" type="file" webkitdirectory tabindex="-1" aria-hidden="true" data-testid="input-folder" @change=${this.#files}>
        ${problem(this.failure, { dismiss: () => { this.failure = undefined; } })}
        <div class="field">
          <label for="backup-label">Label</label>
          <input id="backup-label" data-testid="backup-label" maxlength="255" autocomplete="off" placeholder="The folder’s name" aria-describedby="backup-label-hint">
          <p class="hint" id="backup-label-hint">Shown with the snapshot. Files that have not changed since the newest snapshot of the same label are not read again.</p>
        </div>
      </section>`;
  }

  #hold = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.over = true;
  };

  #leave = (event: DragEvent) => {
    const zone = event.currentTarget as HTMLElement;
    if (!(event.relatedTarget instanceof Node) || !zone.contains(event.relatedTarget)) this.over = false;
  };

  /** What was dropped can be read in this very event only: the back up starts at once. */
  #drop = (event: DragEvent) => {
    event.preventDefault();
    this.over = false;
    const dropped = event.dataTransfer;
    if (!dropped?.types.includes('Files')) return;
    const names = Array.from(dropped.items, (item) => item.webkitGetAsEntry()?.name ?? item.getAsFile()?.name ?? '');
    this.#begin({ source: dropped, label: labelFor(names), lasting: false });
  };

  #pickFolder = async () => {
    if (!('showDirectoryPicker' in window)) return this.find('input-folder')?.click();
    try {
      const handle = await window.showDirectoryPicker({ mode: 'read' });
      this.#begin({ source: handle, label: labelFor([handle.name]), note: SKIPS.handle, lasting: true });
    } catch (error) {
      if (!isDismissed(error)) this.failure = failureOf(error);
    }
  };

  #files = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const files = Array.from(input.files ?? []);
    // The same choice a second time must be a change again.
    input.value = '';
    if (files.length === 0) return;
    const names = files.map((file) => file.webkitRelativePath.split('/')[0] || file.name);
    const chosen: BackupSource = { source: files, label: labelFor(names), lasting: true };
    this.#begin(input.webkitdirectory ? { ...chosen, note: SKIPS.list } : chosen);
  };

  #begin(chosen: BackupSource): void {
    this.failure = undefined;
    const label = withinLabel(this.find<HTMLInputElement>('backup-label')?.value ?? '');
    try {
      this.session.backup({ ...chosen, label: label || chosen.label });
    } catch (error) {
      this.failure = failureOf(error);
    }
  }
}

/** Absent from TypeScript's DOM library: not every browser has it. */
declare global {
  interface Window {
    showDirectoryPicker(options?: { id?: string; mode?: 'read' | 'readwrite'; startIn?: string }): Promise<FileSystemDirectoryHandle>;
  }
}

customElements.define('sr-sources', Sources);
