/** What is to be known before anything else on a screen: the server does not answer, or a new release of the page is ready. */

import { html, nothing, type TemplateResult } from 'lit';
import { reach } from '../reach.ts';
import type { Route } from '../route.ts';
import type { Session } from '../session.ts';
import { shell } from '../shell.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

/** Where the server is wanted next; an open vault says itself what it cannot reach. */
const WANTED: Route['screen'][] = ['welcome', 'create', 'unlock'];

class News extends View {
  static override properties = { session: { attribute: false }, screen: { attribute: false }, held: { attribute: false } };
  declare session: Session | undefined;
  declare screen: Route['screen'];
  /** A recovery kit is shown that would be gone. */
  declare held: boolean;
  readonly #news = () => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    for (const source of [reach, shell]) source.addEventListener('change', this.#news);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const source of [reach, shell]) source.removeEventListener('change', this.#news);
  }

  protected override render(): TemplateResult {
    this.watch(this.session);
    return html`<div role="status">${reach.lost && WANTED.includes(this.screen) ? unreachable() : nothing}${this.#release()}</div>`;
  }

  #release(): TemplateResult | typeof nothing {
    if (shell.state === 'newest') return nothing;
    const locks = this.session ? ' That locks the vault.' : '';
    if (this.held || this.session?.busy) return note('A new version of this page is ready. It waits until what goes on here is done.');
    switch (shell.state) {
      case 'busy': return note('A new version of this page is ready, and something is at work in another tab. Try again when that is done.', 'Use it now');
      case 'left': return note(`Another tab has gone on to a new version of this page. Reload this one when it suits you.${locks}`, 'Reload');
      default: return note(`A new version of this page is ready.${locks}`, 'Use it now');
    }
  }
}

function note(text: string, action?: string): TemplateResult {
  return html`
    <div class="notice" data-testid="release-waits" data-state=${shell.state}>${icon('again')}<span>${text}
      ${action ? html`<button type="button" class="link" data-testid="release-take" @click=${() => void shell.takeOver()}>${action}</button>` : nothing}</span></div>`;
}

function unreachable(): TemplateResult {
  return html`
    <div class="notice" data-testid="unreachable">${icon('alert')}<span>The server of this page cannot be reached, so its vaults cannot be opened now. A vault in a bucket of your own
      opens as soon as that bucket can be reached, and one in a folder of this computer opens without any network.
      <button type="button" class="link" data-testid="unreachable-again" ?disabled=${reach.looking} @click=${() => void reach.look()}>Try again</button></span></div>`;
}

customElements.define('sr-news', News);
