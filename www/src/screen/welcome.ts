/** The way in: what this is, why nobody else can read anything, and two doors. */

import { html, type TemplateResult } from 'lit';
import { unfit } from '../lib/fitness.ts';
import { drawing } from '../part/drawing.ts';
import { problem } from '../part/problem.ts';
import type { Route } from '../route.ts';
import { View } from '../view.ts';

class Welcome extends View {
  protected override render(): TemplateResult {
    const trouble = unfit();
    return html`
      <section class="welcome" data-testid="screen-welcome" aria-labelledby="welcome-title">
        <div class="hero">
          <div class="pitch">
            <h1 id="welcome-title" tabindex="-1">Back up your files. Only you hold the key.</h1>
            <p class="lead">
              Strongroom encrypts your files in this tab, before anything leaves your computer, so the server stores only
              what it cannot read: not a byte, not a file name.
            </p>
            ${trouble
              ? problem({ ...trouble, code: 'not_supported', message: navigator.userAgent, again: false })
              : html`<div class="buttons">
                  <button type="button" class="primary large" data-testid="go-create" @click=${() => this.#go({ screen: 'create' })}>Create a vault</button>
                  <button type="button" class="large" data-testid="go-unlock" @click=${() => this.#go({ screen: 'unlock' })}>Unlock a vault</button>
                </div>`}
          </div>
          ${drawing()}
        </div>
        <ul class="promises">
          <li><h2>Ready in a minute</h2><p>A name, a passphrase, a recovery kit to print. No account, no e-mail, nothing to install.</p></li>
          <li><h2>Only what is new</h2><p>Drop the same folder again, and only what has changed is stored. Every snapshot stays whole.</p></li>
          <li><h2>Back from anywhere</h2><p>Any browser restores with the vault’s name and your passphrase. If the server is gone, a copy of its storage and your recovery phrase are enough.</p></li>
        </ul>
      </section>`;
  }

  #go(route: Route): void {
    this.say('sr-go', route);
  }
}

customElements.define('sr-welcome', Welcome);
