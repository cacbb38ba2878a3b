/** The folders of what will be backed up, each with a box to untick; they fill while the source is looked through. */

import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { SourceFolder, SourceFolderEntry } from 'strongroom';
import type { BackupActivity } from '../activity.ts';
import { bytes, files, plural } from '../lib/format.ts';
import { join, visible } from '../lib/path.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

/** Folders whose contents are shown at one time. */
const OPEN_MAX = 32;

class Folders extends View {
  static override properties = { activity: { attribute: false }, shown: { state: true } };
  declare activity: BackupActivity;
  /** What is in each open folder, by path. */
  declare shown: ReadonlyMap<string, SourceFolder>;
  #open = [''];
  #reading = false;
  #stale = false;
  readonly #refresh = () => void this.#read();

  constructor() {
    super();
    this.shown = new Map();
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
    return html`<fieldset class="folders" data-testid="folders"><legend>Files and folders</legend>${this.#list('')}</fieldset>`;
  }

  #list(path: string): TemplateResult | typeof nothing {
    const folder = this.shown.get(path);
    if (!folder) return nothing;
    return html`<ul>
      ${repeat(folder.entries, ({ name }) => name, (entry) => this.#row(entry, join(path, entry.name)))}
      ${folder.more > 0 ? html`<li class="hint more">And ${plural(folder.more, 'entry', 'entries')} more in this folder.</li>` : nothing}
    </ul>`;
  }

  #row(entry: SourceFolderEntry, path: string): TemplateResult {
    const open = this.#open.includes(path);
    const name = visible(entry.name);
    const own = entry.folder ? `${path}/` : path;
    const unticked = this.activity.choice.unticked.includes(own);
    // What goes with its folder, or by a pattern, is not for this box to say.
    const fixed = entry.out !== undefined && !unticked;
    const partly = entry.out === undefined && entry.takenFiles < entry.files;
    return html`
      <li data-testid="folder-entry" data-path=${path} data-files=${entry.files} data-bytes=${entry.bytes} data-taken-files=${entry.takenFiles} data-out=${entry.out ?? ''}>
        <div class="branch">
          ${entry.folder
            ? html`<button type="button" class="turn" data-testid="folder-open" aria-expanded=${open} aria-label="What is in ${name}" @click=${() => this.#turn(path)}>${icon('next')}</button>`
            : html`<span class="turn"></span>`}
          <label class="check"><input type="checkbox" data-testid="folder-tick" .checked=${live(entry.out === undefined)} .indeterminate=${live(partly)}
            ?disabled=${fixed} @change=${(event: Event) => this.say('sr-tick', { path: own, ticked: (event.target as HTMLInputElement).checked })}>
            ${icon(entry.folder ? 'folder' : 'file')}<bdi class="name" translate="no">${name}</bdi></label>
          <span class="hint figures">${why(entry)}${entry.folder ? html`<span class="wide">${files(entry.takenFiles)} · </span>` : nothing}${bytes(entry.takenBytes)}</span>
        </div>
        ${open ? this.#list(path) : nothing}
      </li>`;
  }

  #turn(path: string): void {
    this.#open = this.#open.includes(path) ? this.#open.filter((other) => other !== path) : [...this.#open, path].slice(-OPEN_MAX);
    if (!this.#open.includes('')) this.#open = ['', ...this.#open.slice(1)];
    this.requestUpdate();
    void this.#read();
  }

  /** Reads what is open anew; once more if it was asked to meanwhile. */
  async #read(): Promise<void> {
    if (this.#reading) {
      this.#stale = true;
      return;
    }
    this.#reading = true;
    do {
      this.#stale = false;
      try {
        const { activity } = this;
        const read = await Promise.all(this.#open.map(async (path) => [path, await activity.folder(path)] as const));
        this.shown = new Map(read);
      } catch {
        // The run is over, and its folders with it.
        break;
      }
    } while (this.#stale && this.isConnected);
    this.#reading = false;
  }
}

/** Why something is left out that nobody unticked. */
function why(entry: SourceFolderEntry): TemplateResult | typeof nothing {
  if (entry.out === 'excluded' && entry.rule !== undefined && !entry.rule.startsWith('/')) return html`<span>left out by <code>${entry.rule}</code> · </span>`;
  return entry.out === 'not_included' ? html`<span>nothing named in it · </span>` : nothing;
}

customElements.define('sr-folders', Folders);
