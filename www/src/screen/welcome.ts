/** The way in. */

import { html, type TemplateResult } from 'lit';
import { icon } from '../part/icon.ts';
import type { Route } from '../route.ts';
import { View } from '../view.ts';

class Welcome extends View {
  protected override render(): TemplateResult {
    return html`
      <section class="welcome" data-testid="screen-welcome" aria-labelledby="welcome-title">
        <div class="emblem">${icon('vault')}</div>
        <h1 id="welcome-title" tabindex="-1">Back up your files from this tab. Only you hold the key.</h1>
        <p class="lead">
          Strongroom cuts, compresses and encrypts files here, in your browser, and stores nothing but ciphertext.
          Nobody else can read a byte or a file name, not even those who run the server.
        </p>
        <div class="buttons centred">
          <button type="button" class="primary large" data-testid="go-create" @click=${() => this.#go({ screen: 'create' })}>Create a vault</button>
          <button type="button" class="large" data-testid="go-unlock" @click=${() => this.#go({ screen: 'unlock' })}>Unlock a vault</button>
        </div>
      </section>`;
  }

  #go(route: Route): void {
    this.say('sr-go', route);
  }
}

customElements.define('sr-welcome', Welcome);
