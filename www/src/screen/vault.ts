/** The unlocked vault: how it stands, back up, its snapshots, verify. */

import { html, nothing, type TemplateResult } from 'lit';
import type { RollbackError } from 'strongroom';
import { headline, savings, sets, warning } from '../part/home.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import '../part/activity.ts';
import '../part/rollback.ts';
import '../part/snapshots.ts';
import '../part/sources.ts';
import '../part/trust.ts';

/** Ages in words grow old themselves. */
const AGE_EVERY = 60_000;

class VaultScreen extends View {
  static override properties = { session: { attribute: false } };
  declare session: Session | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), AGE_EVERY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    this.watch(session);
    if (!session) return nothing;
    if (session.rollback) return this.#rollback(session, session.rollback);
    const now = Date.now();
    return html`
      <section class="stack" data-testid="screen-vault" aria-labelledby="vault-title">
        ${headline(session, now)} ${warning(session, now)}
        <div class="columns">
          <div class="stack">
            <sr-activity .session=${session} .reports=${['backup', 'verify']}></sr-activity>
            ${session.busy ? nothing : html`<sr-sources .session=${session}></sr-sources>`}
            <sr-snapshots .session=${session}></sr-snapshots>
          </div>
          <div class="stack beside">
            ${sets(session, now)} ${savings(session)}
            <sr-trust .session=${session}></sr-trust>
            ${session.busy ? nothing : this.#verify(session)}
          </div>
        </div>
      </section>`;
  }

  /** In the place of everything else: nothing of what was shown holds. */
  #rollback(session: Session, error: RollbackError): TemplateResult {
    return html`<section class="card" data-testid="screen-vault"><sr-rollback .error=${error} open
      @sr-accept=${() => void session.reload(true)} @sr-decline=${() => this.say('sr-lock', 'The storage shows an older state of the vault.')}></sr-rollback></section>`;
  }

  #verify(session: Session): TemplateResult {
    return html`
      <section class="card" aria-labelledby="verify-title">
        <h2 id="verify-title">Verify</h2>
        <p class="hint">The structure: everything that the snapshots need is there. All data: every byte is fetched, decrypted and checked, which takes
          as long as a restore.</p>
        <div class="buttons">
          <button type="button" data-testid="verify-structure" @click=${() => session.verify(false)}>Verify the structure</button>
          <button type="button" data-testid="verify-data" @click=${() => session.verify(true)}>Verify all data</button>
        </div>
      </section>`;
  }
}

customElements.define('sr-vault', VaultScreen);
