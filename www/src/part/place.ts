/** The choice of where a vault lies: this page's server, a bucket of one's own, the bucket that this browser remembers, or a folder that holds a copy. */

import { html, nothing, type TemplateResult } from 'lit';
import type { BucketProvider, BucketReport, StorageSpec } from 'strongroom';
import { broker, engine } from '../engine.ts';
import { failureOf, type Failure } from '../failure.ts';
import { visible } from '../lib/path.ts';
import { rememberedBucket } from '../memory.ts';
import { addressOf, type BucketSpec } from '../place.ts';
import { View } from '../view.ts';
import './doctor.ts';
import { problem } from './problem.ts';

type Where = 'server' | 'bucket' | 'remembered' | 'folder';

/** What a field holds, and how it is asked for. */
const FIELDS = [
  { name: 'endpoint', label: 'Endpoint', example: 'https://s3.eu-central-1.amazonaws.com', type: 'url', optional: false },
  { name: 'region', label: 'Region', example: 'eu-central-1', type: 'text', optional: false },
  { name: 'bucket', label: 'Bucket', example: 'my-backups', type: 'text', optional: false },
  { name: 'prefix', label: 'Folder in the bucket (may be empty)', example: 'strongroom', type: 'text', optional: true },
  { name: 'accessKeyId', label: 'Access key id', example: '', type: 'text', optional: false },
  { name: 'secretAccessKey', label: 'Secret access key', example: '', type: 'password', optional: false },
  { name: 'sessionToken', label: 'Session token (only with keys that expire)', example: '', type: 'password', optional: true },
] as const;
type Field = typeof FIELDS[number]['name'];

export class PlaceChoice extends View {
  static override properties = {
    returning: { type: Boolean }, where: { state: true }, pathStyle: { state: true }, checking: { state: true }, report: { state: true }, failure: { state: true }, folder: { state: true },
  };
  /** Somebody comes back to a vault: a remembered bucket will do. */
  declare returning: boolean;
  declare where: Where;
  declare pathStyle: boolean;
  declare checking: boolean;
  declare report: BucketReport | undefined;
  declare failure: Failure | undefined;
  declare folder: FileSystemDirectoryHandle | undefined;
  /** Never drawn, so that no secret stands in the page's own text. */
  readonly #typed: Record<Field, string> = { endpoint: '', region: '', bucket: '', prefix: '', accessKeyId: '', secretAccessKey: '', sessionToken: '' };
  readonly #remembered = rememberedBucket();
  /** Whether the keys shall be sealed on this device. */
  remember = false;

  constructor() {
    super();
    this.returning = false;
    this.where = 'server';
    this.pathStyle = true;
    this.checking = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.returning && this.#remembered) this.where = 'remembered';
  }

  /** What is still wrong with it, a sentence. */
  get trouble(): string | undefined {
    if (this.where === 'folder') return this.folder ? undefined : 'Choose the folder that holds the vault.';
    if (this.where !== 'bucket') return undefined;
    const missing = FIELDS.find(({ name, optional }) => !optional && this.#typed[name].trim() === '');
    return missing && `Fill in the bucket’s ${missing.label.toLowerCase()}.`;
  }

  get storage(): StorageSpec {
    if (this.where === 'remembered' && this.#remembered) return { kind: 'remembered', text: this.#remembered.text };
    if (this.where === 'folder' && this.folder) return { kind: 'directory', handle: this.folder };
    return this.where === 'bucket' ? this.#spec : broker;
  }

  focusTrouble(): void {
    if (this.where === 'folder') return this.find('place-choose')?.focus();
    const missing = FIELDS.find(({ name, optional }) => !optional && this.#typed[name].trim() === '');
    if (missing) this.find(`place-${missing.name}`)?.focus();
  }

  protected override render(): TemplateResult {
    return html`
      <div class="field">
        <fieldset>
          <legend>Where it lies</legend>
          <div class="ways">
            ${this.#radio('server', 'This page’s server')}
            ${this.returning && this.#remembered ? this.#radio('remembered', 'Remembered bucket') : nothing}
            ${this.#radio('bucket', 'My own bucket')}
            ${this.returning && 'showDirectoryPicker' in window ? this.#radio('folder', 'A folder here') : nothing}
          </div>
        </fieldset>
        ${this.where === 'remembered' && this.#remembered
          ? html`<p class="hint" data-testid="place-remembered-address">${this.#remembered.address}. Its keys are sealed in this browser by the vault itself.</p>` : nothing}
      </div>
      ${this.where === 'bucket' ? this.#bucket() : this.where === 'folder' ? this.#folder() : nothing}`;
  }

  #radio(where: Where, text: string): TemplateResult {
    return html`<label><input type="radio" name="where" data-testid="place-at-${where}" .checked=${this.where === where}
      @change=${() => { this.where = where; this.#edited(); }}> ${text}</label>`;
  }

  #folder(): TemplateResult {
    return html`
      <div class="field">
        <p class="hint">A vault that the command line made, or a copy of what a server stores: the folder in which folders have names of 32 digits and letters.
          In a copy, only the recovery phrase opens what was made at a server.</p>
        <div class="buttons">
          <button type="button" data-testid="place-choose" @click=${this.#choose}>Choose the folder…</button>
          ${this.folder ? html`<span data-testid="place-folder">${visible(this.folder.name)}</span>` : nothing}
        </div>
      </div>`;
  }

  #choose = async () => {
    try {
      this.folder = await window.showDirectoryPicker({ id: 'strongroom-vault', mode: 'readwrite' });
      this.#edited();
    } catch {
      // Nothing was chosen.
    }
  };

  #bucket(): TemplateResult {
    return html`
      <p class="hint">Any bucket that speaks S3. The keys go to the one worker of this page that reaches the network, and nowhere else; no server of
        ours is asked. The bucket must let this page in: check it below.</p>
      ${FIELDS.map(({ name, label, example, type }) => html`
        <div class="field">
          <label for="place-${name}">${label}</label>
          <input id="place-${name}" data-testid="place-${name}" type=${type} placeholder=${example} autocomplete="off" autocapitalize="none"
            spellcheck="false" .value=${this.#typed[name]} @input=${(event: Event) => { this.#typed[name] = (event.target as HTMLInputElement).value; this.#edited(); }}>
        </div>`)}
      <label class="check"><input type="checkbox" data-testid="place-virtual-host" .checked=${!this.pathStyle}
        @change=${(event: Event) => { this.pathStyle = !(event.target as HTMLInputElement).checked; this.#edited(); }}> The bucket’s name stands in the host (virtual-host style)</label>
      <label class="check"><input type="checkbox" data-testid="place-remember" .checked=${this.remember}
        @change=${(event: Event) => { this.remember = (event.target as HTMLInputElement).checked; }}> Remember on this device, sealed by the vault: only its secret opens the keys again</label>
      <div class="buttons">
        <button type="button" data-testid="bucket-check" ?disabled=${this.checking} @click=${() => void this.#check()}>Check the bucket</button>
        ${this.checking ? html`<span class="working" role="status"><span class="spinner"></span>Trying the bucket out with some hundred small requests.</span>` : nothing}
      </div>
      ${problem(this.failure)}
      ${this.report ? html`<sr-doctor .report=${this.report} @sr-provider=${(event: CustomEvent<BucketProvider>) => void this.#check(event.detail)}></sr-doctor>` : nothing}`;
  }

  async #check(provider?: BucketProvider): Promise<void> {
    this.failure = undefined;
    this.checking = true;
    const spec = this.#spec;
    try {
      const running = await engine();
      this.report = await running.examineBucket(spec, provider ? { provider } : {});
    } catch (error) {
      this.failure = failureOf(error);
    } finally {
      this.checking = false;
    }
  }

  #edited(): void {
    this.report = undefined;
    this.failure = undefined;
    this.say('sr-edited', undefined);
  }

  get #spec(): BucketSpec {
    const { endpoint, region, bucket, prefix, accessKeyId, secretAccessKey, sessionToken } = this.#typed;
    return {
      kind: 's3', endpoint: endpoint.trim(), region: region.trim(), bucket: bucket.trim(), prefix: prefix.trim().replace(/^\/+|\/+$/g, ''),
      pathStyle: this.pathStyle, accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim(),
      ...sessionToken.trim() && { sessionToken: sessionToken.trim() },
    };
  }

  /** Of the bucket that is typed in. */
  get address(): string | undefined {
    return this.where === 'bucket' ? addressOf(this.#spec) : undefined;
  }
}

customElements.define('sr-place', PlaceChoice);
