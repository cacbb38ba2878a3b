/** The unlocked vault: back up, its snapshots, verify. */

import { html, nothing, type TemplateResult } from 'lit';
import { wallsFact } from '../part/head.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import '../part/activity.ts';
import '../part/snapshots.ts';
import '../part/sources.ts';

class VaultScreen extends View {
  static override properties = { session: { attribute: false } };
  declare session: Session | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { session } = this;
    this.watch(session);
    if (!session) return nothing;
    return html`
      <section class="stack" data-testid="screen-vault" aria-labelledby="vault-title">
        <h1 id="vault-title" tabindex="-1" class="unseen">Vault ${session.vault.name}</h1>
        <sr-activity .session=${session} .reports=${['backup', 'verify']}></sr-activity>
        ${session.busy ? nothing : html`<sr-sources .session=${session}></sr-sources>`}
        <sr-snapshots .session=${session}></sr-snapshots>
        ${session.busy ? nothing : this.#verify(session)}
        ${session.vault.isolation === 'enforced' ? html`<p class="walls">${wallsFact(session)}</p>` : nothing}
      </section>`;
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
