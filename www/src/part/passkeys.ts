/** The passkeys that open a vault: added, named, removed. */

import { html, nothing, type TemplateResult } from 'lit';
import { Strongroom, type ErrorCode, type PasskeyInfo } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { day } from '../lib/format.ts';
import { withPasskey } from '../lib/passkey.ts';
import { hasServer, rememberAgain } from '../place.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';
import { atHome, type SecretField } from './secret.ts';
import './secret.ts';

/** `confirmed`: the server has taken the secret, only the passkey is missing. */
type Step = 'closed' | 'open' | 'working' | 'confirmed';

/** Codes of what the browser or the person refuses, not the storage. */
const BROWSERS: ReadonlySet<ErrorCode> = new Set(['cancelled', 'no_prf', 'not_supported']);

class Passkeys extends View {
  static override properties = {
    session: { attribute: false }, passkeys: { state: true }, failure: { state: true }, step: { state: true }, advice: { state: true }, refusal: { state: true },
    told: { state: true }, renaming: { state: true }, removing: { state: true }, removingNow: { state: true },
  };
  declare session: Session;
  /** In the order in which they were added; absent until they are known. */
  declare passkeys: PasskeyInfo[] | undefined;
  /** Why they are not known. */
  declare failure: Failure | undefined;
  declare step: Step;
  declare advice: string | undefined;
  /** Why what was asked for was not done. */
  declare refusal: Failure | undefined;
  declare told: string | undefined;
  declare renaming: string | undefined;
  declare removing: PasskeyInfo | undefined;
  declare removingNow: boolean;

  constructor() {
    super();
    this.step = 'closed';
    this.removingNow = false;
  }

  override firstUpdated(): void {
    void this.load();
  }

  async load(): Promise<void> {
    try {
      this.passkeys = await this.session.vault.passkeys();
      this.failure = undefined;
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  protected override render(): TemplateResult {
    const { passkeys, failure } = this;
    const obstacle = Strongroom.passkeyObstacle;
    return html`
      <section class="card" aria-labelledby="passkeys-title">
        <h2 id="passkeys-title" tabindex="-1">Passkeys</h2>
        <p class="hint">A passkey unlocks the vault with a fingerprint, a face or a PIN: on this device, on a phone or on a security key. Passphrase and recovery phrase open
          it as before. Whoever can use the passkey, or the account that keeps it, can open the vault.</p>
        ${problem(failure, { retry: () => void this.load(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${passkeys ? this.#list(passkeys) : failure ? nothing : html`<p class="hint" role="status">Looking for passkeys…</p>`}
        <p role="status" class=${this.told ? 'notice' : 'unseen'} data-testid="passkeys-told">${this.told ? html`${icon('done')}<span>${this.told}</span>` : nothing}</p>
        ${obstacle !== undefined ? html`<p class="advice" data-testid="passkeys-obstacle">${obstacle}</p>`
          : this.step === 'closed' ? html`<div class="buttons"><button type="button" data-testid="passkey-add" @click=${this.#open}>Add a passkey</button></div>`
          : this.#form()}
        ${this.#dialog()}
      </section>`;
  }

  #list(passkeys: PasskeyInfo[]): TemplateResult {
    if (passkeys.length === 0) return html`<p class="hint" data-testid="passkeys-none">No passkey opens this vault yet.</p>`;
    return html`<ul class="sessions passkeys" data-testid="passkeys" data-value=${passkeys.length}>${passkeys.map((one) => this.#row(one))}</ul>`;
  }

  #row(one: PasskeyInfo): TemplateResult {
    const name = nameOf(one);
    return html`
      <li data-testid="passkey" data-id=${one.id} data-name=${one.name} data-present=${one.present}>
        ${icon('key')}
        ${this.renaming === one.id
          ? html`<form class="renaming" novalidate @submit=${(event: Event) => void this.#rename(event, one)}>
              <label class="unseen" for="passkey-new-name">Name of the passkey</label>
              <input id="passkey-new-name" data-testid="passkey-new-name" maxlength="80" autocomplete="off" required .value=${one.name}>
              <button data-testid="passkey-save">Save</button>
              <button type="button" data-testid="passkey-keep-name" @click=${() => { this.renaming = undefined; }}>Cancel</button>
            </form>`
          : html`<span><strong>${name}</strong><span class="hint">${state(one)}</span></span>
              ${one.name === '' ? nothing : html`<button type="button" data-testid="passkey-rename" aria-label="Rename ${name}" @click=${() => void this.#renameBegins(one)}>Rename</button>`}
              <button type="button" data-testid="passkey-remove" aria-label="Remove ${name}" @click=${() => void this.#ask(one)}>Remove</button>`}
      </li>`;
  }

  #form(): TemplateResult {
    const working = this.step === 'working';
    return html`
      <form novalidate data-testid="passkey-form" data-step=${this.step} @submit=${this.#submit} @sr-edited=${this.#clear} aria-busy=${working}>
        <fieldset class="plain" ?disabled=${working}>
          <div class="field">
            <label for="passkey-name">Name of the passkey</label>
            <input id="passkey-name" data-testid="passkey-name" maxlength="80" autocomplete="off" placeholder="My phone" required aria-describedby="passkey-name-hint" @input=${this.#clear}>
            <p class="hint" id="passkey-name-hint">What keeps it, so that you know later which one it is.</p>
          </div>
          ${this.#hasServer && this.step !== 'confirmed' ? html`<sr-secret .name=${'passkey'} .vault=${this.session.vault.name}></sr-secret>` : nothing}
        </fieldset>
        ${this.advice ? html`<p class="advice" role="alert" data-testid="passkey-advice">${this.advice}</p>` : nothing}
        ${this.removing ? nothing : problem(this.refusal, { unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${working
          ? html`<p class="working" role="status"><span class="spinner"></span>The browser asks where to keep the passkey. Before and after that, keys are made, which takes a moment on purpose.</p>`
          : html`<div class="buttons"><button class="primary" data-testid="passkey-submit">${this.step === 'confirmed' ? 'Make the passkey' : 'Add it'}</button>
              <button type="button" class="quiet" data-testid="passkey-cancel" @click=${this.#close}>Cancel</button></div>`}
      </form>`;
  }

  #dialog(): TemplateResult {
    const { removing } = this;
    return html`
      <dialog data-testid="passkey-dialog" aria-labelledby="passkey-ask" @close=${this.#closed}>
        <h2 id="passkey-ask">Remove ${removing ? nameOf(removing) : 'it'}?</h2>
        <p data-testid="passkey-meaning">It unlocks this vault no more${this.#hasServer ? ', and every other session ends' : ''}. Passphrase, recovery phrase and the other passkeys go on as before. Whoever has
          it and a copy of what is stored from before can still open that copy. On the device or in the password manager that keeps it, delete it yourself.</p>
        ${removing ? html`
          <form novalidate @submit=${this.#submitRemoval} @sr-edited=${this.#clear} aria-busy=${this.removingNow}>
            ${this.#hasServer ? html`<fieldset class="plain" ?disabled=${this.removingNow}><sr-secret .name=${'passkey-removal'} .vault=${this.session.vault.name}></sr-secret></fieldset>` : nothing}
            ${this.advice ? html`<p class="advice" role="alert">${this.advice}</p>` : nothing}
            ${problem(this.refusal)}
            ${this.removingNow
              ? html`<p class="working" role="status"><span class="spinner"></span>Removing the passkey.</p>`
              : html`<div class="buttons end"><button type="button" class="quiet" data-testid="passkey-keep" @click=${this.#closeDialog}>Keep it</button>
                  <button class="primary" data-testid="passkey-remove-now">Remove it</button></div>`}
          </form>` : nothing}
      </dialog>`;
  }

  // Adding.

  #open = async () => {
    this.step = 'open';
    this.told = undefined;
    await this.updateComplete;
    this.find('passkey-name')?.focus();
  };

  #close = async () => {
    this.step = 'closed';
    this.#clear();
    await this.updateComplete;
    this.find('passkey-add')?.focus();
  };

  #clear = () => {
    this.advice = undefined;
    this.refusal = undefined;
  };

  #submit = (event: Event) => {
    event.preventDefault();
    this.#clear();
    const field = this.find<HTMLInputElement>('passkey-name');
    const name = field?.value.trim() ?? '';
    const secret = this.#secret('passkey');
    if (name === '') {
      this.advice = 'Give the passkey a name.';
      field?.focus();
    } else if (secret?.trouble !== undefined) {
      this.advice = secret.trouble;
      secret.focusField();
    } else {
      void this.#add(name, secret);
    }
  };

  async #add(name: string, field: SecretField | null): Promise<void> {
    const secret = field?.value;
    this.step = 'working';
    try {
      await this.session.vault.addPasskey(secret ? { name, secret } : { name });
      await rememberAgain(this.session.vault);
      await this.#done(`${name} unlocks this vault from now on.`);
      this.step = 'closed';
    } catch (error) {
      const failure = failureOf(error);
      const browsers = BROWSERS.has(failure.code);
      // The browser is asked once the server has agreed, and what it agrees to holds for some minutes.
      const agreed = this.#hasServer && browsers;
      this.refusal = browsers ? withPasskey(failure) : secret ? atHome(failure) : stale(failure);
      this.step = agreed ? 'confirmed' : 'open';
      await this.updateComplete;
      if (failure.code === 'wrong_secret') this.#secret('passkey')?.clear();
      if (agreed) this.find('passkey-submit')?.focus();
      else this.#secret('passkey')?.focusField();
    }
  }

  // Naming.

  async #renameBegins(one: PasskeyInfo): Promise<void> {
    this.renaming = one.id;
    this.told = undefined;
    await this.updateComplete;
    this.find<HTMLInputElement>('passkey-new-name')?.select();
  }

  async #rename(event: Event, { id }: PasskeyInfo): Promise<void> {
    event.preventDefault();
    const name = this.find<HTMLInputElement>('passkey-new-name')?.value.trim() ?? '';
    if (name === '') return;
    try {
      await this.session.vault.renamePasskey(id, name);
      this.renaming = undefined;
      await this.#done(`It is called ${name} now.`);
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  // Removing.

  async #ask(one: PasskeyInfo): Promise<void> {
    this.#clear();
    this.removing = one;
    this.told = undefined;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    const secret = this.#secret('passkey-removal');
    await secret?.updateComplete;
    secret?.focusField();
  }

  #closeDialog = () => this.querySelector('dialog')?.close();

  #closed = () => {
    this.removing = undefined;
    this.#clear();
  };

  #submitRemoval = (event: Event) => {
    event.preventDefault();
    this.#clear();
    const secret = this.#secret('passkey-removal');
    this.advice = secret?.trouble;
    if (this.advice !== undefined) secret?.focusField();
    else void this.#remove(secret);
  };

  async #remove(field: SecretField | null): Promise<void> {
    const { removing } = this;
    const secret = field?.value;
    if (!removing) return;
    this.removingNow = true;
    try {
      await this.session.vault.removePasskey(removing.id, secret ? { secret } : {});
      await rememberAgain(this.session.vault);
      this.#closeDialog();
      await this.#done(`${nameOf(removing)} unlocks this vault no more.`);
      this.say('sr-sessions-changed', undefined);
    } catch (error) {
      this.refusal = atHome(failureOf(error));
      field?.clear();
    } finally {
      this.removingNow = false;
      await this.updateComplete;
      if (this.refusal) this.#secret('passkey-removal')?.focusField();
    }
  }

  async #done(told: string): Promise<void> {
    await this.load();
    this.told = told;
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  #secret(name: string): SecretField | null {
    return [...this.querySelectorAll<SecretField>('sr-secret')].find((field) => field.name === name) ?? null;
  }

  get #hasServer(): boolean {
    return hasServer(this.session.vault);
  }
}

function nameOf({ name }: PasskeyInfo): string {
  return name === '' ? 'A passkey without a name' : name;
}

/** The server had taken the secret, too long ago. */
function stale(failure: Failure): Failure {
  if (failure.code !== 'denied') return failure;
  return { ...failure, again: false, what: 'The server wants the secret once more.', why: 'What it was told holds for five minutes.', next: 'Type it, and add the passkey again. If one was made just now, delete it where it is kept.' };
}

function state({ made, present }: PasskeyInfo): string {
  if (made === undefined) return 'The vault’s history does not know it: adding it broke off. Remove it.';
  return `added ${day(made)}${present ? '' : ' · it opens nothing any more: remove it'}`;
}

customElements.define('sr-passkeys', Passkeys);
