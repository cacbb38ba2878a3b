/** In the settings: the hash of the release that this page is, and a look at its files. */

import { html, nothing, type TemplateResult } from 'lit';
import { release, wrongFiles, type Release } from '../lib/release.ts';
import { View } from '../view.ts';

class ReleaseNote extends View {
  static override properties = { is: { state: true }, checked: { state: true }, working: { state: true } };
  declare is: Release | undefined;
  /** The files that are not right, once they were looked at. */
  declare checked: string[] | undefined;
  declare working: boolean;

  override connectedCallback(): void {
    super.connectedCallback();
    release().then((found) => { this.is = found; }, () => undefined);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { is, checked } = this;
    if (!is) return nothing;
    return html`
      <p class="hint">This page is the release <code class="hash" translate="no" data-testid="release-hash" data-value=${is.hash}>${groups(is.hash)}</code>
        Whoever builds the same commit gets the same number.</p>
      <button type="button" data-testid="release-check" ?disabled=${this.working} @click=${() => void this.#check(is)}>Check its files</button>
      ${checked ? html`<p class=${checked.length > 0 ? 'advice' : 'hint'} role="status" data-testid="release-checked" data-value=${checked.length}>${sentence(is, checked)}</p>` : nothing}`;
  }

  async #check(is: Release): Promise<void> {
    this.working = true;
    this.checked = await wrongFiles(is);
    this.working = false;
  }
}

/** Eight digits at a time, to be compared by eye. */
function groups(hash: string): string {
  return hash.match(/.{8}/g)?.join(' ') ?? hash;
}

function sentence({ files }: Release, wrong: string[]): string {
  const all = Object.keys(files).length;
  if (wrong.length === 0) return `All ${all} files are those of the release. A page that was changed could say so, too: compare the number with somebody who has built it.`;
  return `${wrong.length} of ${all} files are not those of the release: ${wrong.join(', ')}. Do not type a secret here. Reload the page; if they stay wrong, ask whoever runs the server.`;
}

customElements.define('sr-release', ReleaseNote);
