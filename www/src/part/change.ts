/** Another passphrase for an open vault. */

import { html, nothing, type TemplateResult } from 'lit';
import { failureOf, type Failure } from '../failure.ts';
import { isOwn, placeOf, rememberAgain } from '../place.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import type { NewPassphrase } from './passphrase.ts';
import { problem } from './problem.ts';
import { atHome, type SecretField } from './secret.ts';
import './passphrase.ts';
import './secret.ts';

type State = 'closed' | 'open' | 'working' | 'changed';

class Change extends View {
  static override properties = { session: { attribute: false }, state: { state: true }, advice: { state: true }, failure: { state: true } };
  declare session: Session;
  declare state: State;
  declare advice: string | undefined;
  declare failure: Failure | undefined;

  constructor() {
    super();
    this.state = 'closed';
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" data-testid="change" data-state=${this.state} aria-labelledby="change-title">
        <h2 id="change-title" tabindex="-1">Passphrase</h2>
        ${this.state === 'changed'
          ? html`<p class="outcome good" role="status" data-testid="change-done">${icon('done')}<span>The passphrase is changed. The old one opens nothing any more${this.#bucket ? ''
              : ', every other session has ended'}, and the recovery kit is good as it was.</span></p>`
          : html`<p class="hint">Change it when somebody else may know it: ${this.#bucket
              ? 'the old one opens the vault no more, unless the bucket or somebody else has kept the key slot as it was'
              : 'the old one signs in no more, and every other session ends'}. The recovery phrase stays as it is. The
              vault’s key stays too, so whoever has opened the vault before may have kept a copy of it.</p>`}
        ${this.state === 'open' || this.state === 'working' ? this.#form() : html`
          <div class="buttons"><button type="button" data-testid="change-open" @click=${this.#open}>Change the passphrase</button></div>`}
      </section>`;
  }

  #form(): TemplateResult {
    const working = this.state === 'working';
    const { name } = this.session.vault;
    return html`
      <form novalidate @submit=${this.#submit} @sr-edited=${this.#clear} aria-busy=${working}>
        <fieldset class="plain" ?disabled=${working}>
          <sr-secret .name=${'change'} .vault=${name}></sr-secret>
          <sr-new-passphrase .name=${name} .legend=${'New passphrase'}></sr-new-passphrase>
        </fieldset>
        ${this.advice ? html`<p class="advice" role="alert" data-testid="change-advice">${this.advice}</p>` : nothing}
        ${problem(this.failure, { unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${working
          ? html`<p class="working" role="status"><span class="spinner"></span>Changing the passphrase. Both are turned into keys, which takes a moment on purpose.</p>`
          : html`<div class="buttons"><button class="primary" data-testid="change-submit">Change it</button>
              <button type="button" class="quiet" data-testid="change-cancel" @click=${this.#close}>Cancel</button></div>`}
      </form>`;
  }

  #open = async () => {
    this.state = 'open';
    await this.updateComplete;
    await this.#secret?.updateComplete;
    this.#secret?.focusField();
  };

  #close = async () => {
    this.state = 'closed';
    this.#clear();
    await this.updateComplete;
    this.find('change-open')?.focus();
  };

  #clear = () => {
    this.advice = undefined;
    this.failure = undefined;
  };

  #submit = (event: Event) => {
    event.preventDefault();
    this.#clear();
    const [secret, fresh] = [this.#secret, this.#fresh];
    const wrong = secret?.trouble;
    this.advice = wrong ?? fresh?.trouble;
    if (wrong !== undefined) secret?.focusField();
    else if (this.advice !== undefined) fresh?.focusTrouble();
    else void this.#change();
  };

  async #change(): Promise<void> {
    const [secret, passphrase] = [this.#secret?.value, this.#fresh?.value];
    if (!secret || !passphrase) return;
    this.state = 'working';
    try {
      const { vault } = this.session;
      await vault.changePassphrase({ secret, passphrase });
      await rememberAgain(vault);
      this.state = 'changed';
      this.say('sr-sessions-changed', undefined);
      await this.updateComplete;
      this.querySelector<HTMLElement>('h2')?.focus();
    } catch (error) {
      this.failure = atHome(failureOf(error));
      this.state = 'open';
      await this.updateComplete;
      if (this.failure.code === 'wrong_secret') this.#secret?.clear();
      this.#secret?.focusField();
    }
  }

  get #bucket(): boolean {
    return isOwn(placeOf(this.session.vault)?.storage);
  }

  get #secret(): SecretField | null {
    return this.querySelector<SecretField>('sr-secret');
  }

  get #fresh(): NewPassphrase | null {
    return this.querySelector<NewPassphrase>('sr-new-passphrase');
  }
}

customElements.define('sr-change', Change);
