/** The head of the page: whose vault this is, the settings, and the way to lock it. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon, mark } from './icon.ts';
import { wallsWarning } from './walls.ts';
import './settings.ts';

class Head extends View {
  static override properties = { session: { attribute: false } };
  declare session: Session | undefined;

  protected override render(): TemplateResult {
    this.watch(this.session);
    return html`
      <header class="head">
        ${this.session
          ? html`<button type="button" class="brand" data-testid="home" aria-label="Strongroom, to the vault" @click=${() => this.say('sr-home', undefined)}>${mark()}<span class="wide">Strongroom</span></button>`
          : html`<span class="brand">${mark()}<span>Strongroom</span></span><span class="gap"></span>`}
        ${this.session ? html`<span class="vault-name" data-testid="vault-name" title=${this.session.vault.name}>${this.session.vault.name}</span>` : nothing}
        <sr-settings .session=${this.session}></sr-settings>
        ${this.session ? html`<button type="button" data-testid="lock" @click=${this.#ask}>${icon('lock')} Lock</button>` : nothing}
      </header>
      ${this.session ? wallsWarning(this.session) : nothing}
      ${this.session ? this.#question(this.session) : nothing}`;
  }

  #question(session: Session): TemplateResult {
    const what = session.activity?.kind === 'restore' ? 'A restore' : session.activity?.kind === 'verify' ? 'A verification' : session.activity?.kind === 'prune' ? 'A prune' : 'A back up';
    return html`
      <dialog data-testid="lock-dialog" aria-labelledby="lock-title">
        <h2 id="lock-title">Lock now?</h2>
        <p>${what} is running, and locking ends it. What is stored stays stored: the next run goes on from there.</p>
        <div class="buttons">
          <button type="button" class="primary" data-testid="lock-keep" @click=${() => this.#dialog?.close()}>Keep it running</button>
          <button type="button" data-testid="lock-confirm" @click=${this.#lock}>Lock</button>
        </div>
      </dialog>`;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.find<HTMLDialogElement>('lock-dialog');
  }

  #ask = () => {
    if (this.session?.busy) this.#dialog?.showModal();
    else this.#lock();
  };

  #lock = () => {
    this.#dialog?.close();
    this.say('sr-lock', undefined);
  };
}

customElements.define('sr-head', Head);
