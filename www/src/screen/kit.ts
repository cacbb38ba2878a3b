/** The recovery kit, shown once. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Created } from 'strongroom';
import { address } from '../engine.ts';
import { addressOf, placeOf } from '../place.ts';
import { KIT_STEPS, kitFile, kitPage, kitText, type Kit } from '../lib/kit.ts';
import { qrCode, type Code } from '../lib/qr.ts';
import { icon } from '../part/icon.ts';
import { offlineReader } from '../part/offline.ts';
import { steps } from '../part/steps.ts';
import { View } from '../view.ts';

class KitScreen extends View {
  static override properties = { created: { attribute: false }, code: { state: true }, said: { state: true } };
  declare created: Created | undefined;
  /** The words as a QR code; absent until drawn. */
  declare code: Code | undefined;
  /** What came of the last button. */
  declare said: string | undefined;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('created')) void this.#draw();
  }

  protected override render(): TemplateResult | typeof nothing {
    const kit = this.#kit();
    if (!kit) return nothing;
    return html`
      <section class="card" data-testid="screen-kit" aria-labelledby="kit-title">
        ${steps(2)}
        <h1 id="kit-title" tabindex="-1">Your recovery kit</h1>
        <p>The vault is created. These 24 words open it when the passphrase is lost. They are shown this once and kept nowhere:
          print or save them now.</p>
        <div class="kit">
          <dl class="facts">
            <div><dt>Vault</dt><dd data-testid="kit-name">${kit.name}</dd></div>
            <div><dt>Address</dt><dd data-testid="kit-address">${kit.address}</dd></div>
          </dl>
          <ol class="words">${kit.words.map((word, index) =>
            html`<li><span class="number" aria-hidden="true">${index + 1}</span><span class="word" data-testid="kit-word" data-number=${index + 1} translate="no">${word}</span></li>`)}</ol>
          <div class="beside">
            ${this.#qr()}
            <div>
              <h2>What to do with it</h2>
              <ul>${KIT_STEPS.map((step) => html`<li>${step}</li>`)}</ul>
            </div>
          </div>
        </div>
        <div class="buttons">
          <button type="button" data-testid="kit-print" @click=${() => print()}>${icon('print')} Print</button>
          <button type="button" data-testid="kit-download" ?disabled=${!this.code} @click=${this.#download}>${icon('download')} Save as file</button>
          <button type="button" data-testid="kit-copy" @click=${this.#copy}>${icon('copy')} Copy</button>
        </div>
        <p class="hint" role="status">${this.said ?? nothing}</p>
        ${offlineReader()}
        <div class="buttons end">
          <button type="button" class="primary" data-testid="kit-continue" @click=${() => this.say('sr-go', { screen: 'rehearse' })}>I have saved the words</button>
        </div>
      </section>`;
  }

  #qr(): TemplateResult | typeof nothing {
    const { code } = this;
    if (!code) return nothing;
    return html`<svg class="qr" data-testid="kit-qr" viewBox="0 0 ${code.size} ${code.size}" role="img" aria-label="The 24 words as a QR code" shape-rendering="crispEdges"><path d=${code.path}/></svg>`;
  }

  #kit(): Kit | undefined {
    if (!this.created) return undefined;
    const { vault, recoveryPhrase: words } = this.created;
    const storage = placeOf(vault)?.storage;
    // In a bucket a vault has no name that anyone could look up.
    if (storage?.kind === 's3') return { name: vault.id, address: `${address}, bucket ${addressOf(storage)}, region ${storage.region}`, words };
    return { name: vault.name, address, words };
  }

  async #draw(): Promise<void> {
    const words = this.created?.recoveryPhrase;
    this.code = words && await qrCode(words.join(' '));
  }

  #copy = async () => {
    const kit = this.#kit();
    try {
      await navigator.clipboard.writeText(kit ? kitText(kit, new Date()) : '');
      this.said = 'Copied. Paste it somewhere safe, then copy something else.';
    } catch {
      this.said = 'The browser did not allow copying. Print the kit or save it as a file.';
    }
  };

  #download = () => {
    const kit = this.#kit();
    if (!kit || !this.code) return;
    const url = URL.createObjectURL(new Blob([kitPage(kit, new Date(), this.code)], { type: 'text/html' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: kitFile(kit) });
    link.click();
    this.said = 'Saved among your downloads. Move it off this computer: on paper, on a stick, into a password manager.';
    // The download has its bytes once the click is handled; a minute is ample for slow browsers.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
}

customElements.define('sr-kit', KitScreen);
