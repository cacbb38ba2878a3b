/** What to back up: dropped anywhere on the screen, pasted, or chosen. */

import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { StrongroomError } from 'strongroom';
import { failureOf, isDismissed, type Failure } from '../failure.ts';
import { labelFor, withinLabel } from '../lib/path.ts';
import type { BackupSource, Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

/** What a chosen folder comes without, though nobody says so: the page says it. */
const HANDLE_SKIPS = 'A chosen folder comes without names that some other system forbids, for instance with a colon, a question mark or a space at the end. '
  + 'Drop the folder on the page instead to keep them. Links to files and folders never come along.';

/** Of a browser that describes no entries by themselves (Firefox) it is not known whether it says when a file changes while it is read. */
const MAY_CHANGE = 'getMetadata' in (globalThis.FileSystemEntry?.prototype ?? {}) ? undefined
  : 'Should a file be written to while it is backed up, this browser may not notice, and what was added since you chose it would be missing. Close what writes to '
    + 'these files, or drop their folder on the page instead: there every file is looked at anew.';

class Sources extends View {
  static override properties = { session: { attribute: false }, over: { state: true }, turn: { state: true }, failure: { state: true } };
  declare session: Session;
  /** Something is held over the page. */
  declare over: boolean;
  /** How often the pickers were used. */
  declare turn: number;
  declare failure: Failure | undefined;

  constructor() {
    super();
    this.over = false;
    this.turn = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    for (const type of ['dragenter', 'dragover'] as const) addEventListener(type, this.#hold);
    addEventListener('dragleave', this.#leave);
    addEventListener('drop', this.#end, { capture: true });
    addEventListener('drop', this.#drop);
    addEventListener('paste', this.#paste);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const type of ['dragenter', 'dragover'] as const) removeEventListener(type, this.#hold);
    removeEventListener('dragleave', this.#leave);
    removeEventListener('drop', this.#end, { capture: true });
    removeEventListener('drop', this.#drop);
    removeEventListener('paste', this.#paste);
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" aria-labelledby="sources-title">
        <h2 id="sources-title">Back up</h2>
        <div class=${this.over ? 'zone over' : 'zone'} data-testid="drop-zone">
          ${icon('upload')}
          <p><strong>Drop files and folders anywhere on this page</strong></p>
          <p class="hint">Or paste them. You see what will go before anything is sent.</p>
          <div class="buttons centred">
            <button type="button" data-testid="pick-folder" @click=${this.#pickFolder}>Choose a folder</button>
            <button type="button" data-testid="pick-files" @click=${() => this.find('input-files')?.click()}>Choose files</button>
          </div>
        </div>
        ${keyed(this.turn, html`
          <input class="unseen" type="file" multiple tabindex="-1" aria-hidden="true" data-testid="input-files" @change=${this.#files}>
          <input class="unseen" type="file" webkitdirectory tabindex="-1" aria-hidden="true" data-testid="input-folder" @change=${this.#files}>`)}
        ${problem(this.failure, { dismiss: () => { this.failure = undefined; } })}
        <div class="field">
          <label for="backup-label">Label</label>
          <input id="backup-label" data-testid="backup-label" maxlength="255" autocomplete="off" placeholder="The folder’s name" aria-describedby="backup-label-hint">
          <p class="hint" id="backup-label-hint">Shown with the snapshot. Files that have not changed since the newest snapshot of the same label are not read again.</p>
        </div>
      </section>
      ${this.over ? html`<div class="drop-veil" data-testid="drop-veil" aria-hidden="true"><p>${icon('upload')} Let go to see what will be backed up</p></div>` : nothing}`;
  }

  #hold = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.over = true;
  };

  /** Out of the window there is nothing related. */
  #leave = (event: DragEvent) => {
    if (event.relatedTarget === null) this.over = false;
  };

  /** Whoever takes the drop, nothing is held any more. */
  #end = () => { this.over = false; };

  #drop = (event: DragEvent) => {
    const { dataTransfer } = event;
    if (dataTransfer?.types.includes('Files')) {
      event.preventDefault();
      this.#take(dataTransfer);
    } else if (dataTransfer?.types.includes('text/uri-list')) this.failure = addressOnly();
  };

  #paste = (event: ClipboardEvent) => {
    if (!event.clipboardData?.types.includes('Files')) return;
    event.preventDefault();
    this.#take(event.clipboardData);
  };

  /** What was brought is gone after this event; the entries that it gives stay, and can be walked again. */
  #take(brought: DataTransfer): void {
    const items = Array.from(brought.items).filter((item) => item.kind === 'file');
    const source = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile()).filter((item) => item !== null);
    // Only in its folder a file can be looked at anew.
    const alone = source.some((item) => item instanceof File || item.isFile);
    if (source.length > 0) this.#begin({ source, label: labelFor(source.map(({ name }) => name)), ...(alone ? mayChange() : {}) });
    else this.failure = addressOnly();
  }

  #pickFolder = async () => {
    if (!('showDirectoryPicker' in window)) return this.find('input-folder')?.click();
    try {
      const handle = await window.showDirectoryPicker({ mode: 'read' });
      this.#begin({ source: handle, label: labelFor([handle.name]), note: HANDLE_SKIPS });
    } catch (error) {
      if (!isDismissed(error)) this.failure = failureOf(error);
    }
  };

  #files = (event: Event) => {
    const { files, webkitdirectory } = event.target as HTMLInputElement;
    // New pickers: the list of a hundred thousand files stays as it is, and the same choice a second time is a change again.
    this.turn += 1;
    const first = files?.[0];
    if (!files || !first) return;
    if (webkitdirectory) this.#begin({ source: files, label: labelFor([first.webkitRelativePath.split('/')[0] ?? first.name]), note: listSkips(files) });
    else this.#begin({ source: files, label: withinLabel(files.length === 1 ? first.name : `${first.name} and ${files.length - 1} more`), ...mayChange() });
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

/** A list of files has no empty folders. Whether hidden ones were left out only shows in that there are none. */
function listSkips(files: FileList): string {
  const hidden = hasHidden(files) ? '' : ', and no name in this one begins with a dot: some browsers leave those out';
  return `A chosen folder comes without its empty folders${hidden}. Drop the folder on the page instead to keep them. Links to files and folders never come along.`
    + (MAY_CHANGE === undefined ? '' : ` ${MAY_CHANGE}`);
}

function mayChange(): { note?: string } {
  return MAY_CHANGE === undefined ? {} : { note: MAY_CHANGE };
}

function hasHidden(files: FileList): boolean {
  for (const { webkitRelativePath } of files) if (webkitRelativePath.includes('/.')) return true;
  return false;
}

/** What some browsers make of dropped files, and all of a link. */
function addressOnly(): Failure {
  return {
    ...failureOf(new StrongroomError('not_supported', 'What was dropped holds no files.')),
    what: 'What was dropped came without its contents.',
    why: 'It came as an address: it was a link, or this browser does not hand over files that are dropped.',
    next: 'Choose a folder or files instead.',
  };
}

/** Absent from TypeScript's DOM library: not every browser has it. */
declare global {
  interface Window {
    showDirectoryPicker(options?: { id?: string; mode?: 'read' | 'readwrite'; startIn?: string }): Promise<FileSystemDirectoryHandle>;
  }
}

customElements.define('sr-sources', Sources);
