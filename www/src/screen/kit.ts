/** The recovery kit, shown once. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Created } from 'strongroom';
import { address } from '../engine.ts';
import { kitFile, kitText, type Kit } from '../lib/kit.ts';
import { View } from '../view.ts';

class KitScreen extends View {
  static override properties = { created: { attribute: false }, copied: { state: true } };
  declare created: Created | undefined;
  declare copied: string | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const kit = this.#kit();
    if (!kit) return nothing;
    return html`
      <section class="card" data-testid="screen-kit" aria-labelledby="kit-title">
        <h1 id="kit-title" tabindex="-1">Your recovery kit</h1>
        <p>The vault is created. These 24 words open it when the passphrase is lost. They are shown once and kept nowhere:
          print or save them now, away from this computer. Whoever has them can read everything in the vault.</p>
        <div class="kit">
          <dl class="facts">
            <div><dt>Vault</dt><dd data-testid="kit-name">${kit.name}</dd></div>
            <div><dt>Address</dt><dd data-testid="kit-address">${kit.address}</dd></div>
          </dl>
          <ol class="words">${kit.words.map((word, index) =>
            html`<li><span class="number" aria-hidden="true">${index + 1}</span><span class="word" data-testid="kit-word" data-number=${index + 1} translate="no">${word}</span></li>`)}</ol>
        </div>
        <div class="buttons">
          <button type="button" data-testid="kit-print" @click=${() => print()}>Print</button>
          <button type="button" data-testid="kit-download" @click=${this.#download}>Save as file</button>
          <button type="button" data-testid="kit-copy" @click=${this.#copy}>Copy</button>
          <span class="hint" role="status">${this.copied ?? nothing}</span>
        </div>
        <div class="buttons end">
          <button type="button" class="primary" data-testid="kit-continue" @click=${() => this.say('sr-go', { screen: 'rehearse' })}>I have saved the words</button>
        </div>
      </section>`;
  }

  #kit(): Kit | undefined {
    return this.created && { name: this.created.vault.name, address, words: this.created.recoveryPhrase };
  }

  #text(): string {
    const kit = this.#kit();
    return kit ? kitText(kit, new Date()) : '';
  }

  #copy = async () => {
    try {
      await navigator.clipboard.writeText(this.#text());
      this.copied = 'Copied. Paste it somewhere safe, then copy something else.';
    } catch {
      this.copied = 'The browser did not allow copying. Print the kit or save it as a file.';
    }
  };

  #download = () => {
    const kit = this.#kit();
    if (!kit) return;
    const url = URL.createObjectURL(new Blob([this.#text()], { type: 'text/plain' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: kitFile(kit) });
    link.click();
    // The download has its bytes once the click is handled; a minute is ample for slow browsers.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
}

customElements.define('sr-kit', KitScreen);
