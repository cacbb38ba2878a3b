/** Locks what nobody uses, after a warning: the keys are in this tab for as long as it is unlocked. */

import { html, type TemplateResult } from 'lit';
import { Idle } from '../lib/idle.ts';
import { plural } from '../lib/format.ts';
import { idleMinutes } from '../memory.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';

/** A film that plays is used, too. */
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'timeupdate'];

class IdleLock extends View {
  static override properties = { session: { attribute: false }, left: { state: true } };
  declare session: Session | undefined;
  /** Seconds left, while the warning is shown. */
  declare left: number | undefined;
  readonly #idle = new Idle(idleMinutes);
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #touch = () => this.#idle.touch();

  override connectedCallback(): void {
    super.connectedCallback();
    for (const sign of SIGNS) addEventListener(sign, this.#touch, { capture: true, passive: true });
    this.#timer = setInterval(this.#look, 1000);
    // Timers stand still while a computer sleeps.
    addEventListener('visibilitychange', this.#look);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const sign of SIGNS) removeEventListener(sign, this.#touch, { capture: true });
    clearInterval(this.#timer);
    removeEventListener('visibilitychange', this.#look);
  }

  protected override render(): TemplateResult {
    return html`
      <dialog role="alertdialog" data-testid="idle-dialog" aria-labelledby="idle-title" aria-describedby="idle-text" @cancel=${this.#touch}>
        <h2 id="idle-title">Still there?</h2>
        <p id="idle-text">Nobody has used this page for a while. The vault locks soon, so that nobody else finds it open.</p>
        <p class="hint" aria-hidden="true">Locks in <span data-testid="idle-left">${plural(this.left ?? 0, 'second', 'seconds')}</span>.</p>
        <div class="buttons"><button type="button" class="primary" data-testid="idle-stay" @click=${this.#look}>Stay unlocked</button></div>
      </dialog>`;
  }

  /** A run that goes on counts as use: it is what the tab is open for. */
  readonly #look = () => {
    if (!this.session || this.session.busy) this.#idle.touch();
    this.left = this.#idle.left;
    const dialog = this.querySelector('dialog');
    if (this.left === 0) {
      dialog?.close();
      this.#idle.touch();
      this.say('sr-lock', `Locked after ${plural(idleMinutes(), 'minute', 'minutes')} without use.`);
    } else if (this.left === undefined) dialog?.close();
    else if (dialog && !dialog.open) dialog.showModal();
  };
}

customElements.define('sr-idle', IdleLock);
