/** The head of the page: whose vault this is, whether its keys are walled off, and the way to lock it. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon, mark } from './icon.ts';

const WALLS = {
  enforced: 'Key workers are walled off from the network: enforced.',
  unenforced: 'Key workers are walled off from the network: not enforced here. Ask whoever runs this page to send its security headers.',
};

class Head extends View {
  static override properties = { session: { attribute: false } };
  declare session: Session | undefined;

  protected override render(): TemplateResult {
    this.watch(this.session);
    return html`
      <header class="head">
        <span class="brand">${mark()}<span class=${this.session ? 'wide' : ''}>Strongroom</span></span>
        ${this.session ? this.#vault(this.session) : nothing}
      </header>
      ${this.session?.vault.isolation === 'unenforced' ? this.#walls(this.session) : nothing}
      ${this.session ? this.#question(this.session) : nothing}`;
  }

  #vault(session: Session): TemplateResult {
    return html`
      <span class="vault-name" data-testid="vault-name" title=${session.vault.name}>${session.vault.name}</span>
      <button type="button" data-testid="lock" @click=${this.#ask}>${icon('lock')} Lock</button>`;
  }

  #walls(session: Session): TemplateResult {
    return html`<p class="walls warn">${wallsFact(session)}</p>`;
  }

  #question(session: Session): TemplateResult {
    const what = session.activity?.kind === 'restore' ? 'A restore' : session.activity?.kind === 'verify' ? 'A verification' : 'A back up';
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

/** The plain fact about the key workers' walls, as the workers found it at their start. */
export function wallsFact(session: Session): TemplateResult {
  const { isolation } = session.vault;
  return html`<span data-testid="isolation" data-isolation=${isolation}>${icon('wall')} ${WALLS[isolation]}</span>`;
}

customElements.define('sr-head', Head);
