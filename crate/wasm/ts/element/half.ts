/** A half of the whole: it works on a vault that it is given, or on that of the `<strongroom-vault>` around it. */
import { html, type PropertyValues, type TemplateResult } from 'lit';
import type { Vault } from '../types.js';
import { around } from './language.js';
import { Part } from './part.js';
import type { StrongroomVaultElement } from './types.js';

export abstract class Half extends Part {
  static override properties = { ...Part.properties, vault: { attribute: false } };
  declare vault: Vault | undefined;
  #around: StrongroomVaultElement | undefined;
  #seen: Vault | undefined;
  readonly #changed = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    this.#around = [...around(this)].find((element): element is StrongroomVaultElement => element.localName === 'strongroom-vault');
    for (const event of ['strongroom-unlocked', 'strongroom-locked'] as const) this.#around?.addEventListener(event, this.#changed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const event of ['strongroom-unlocked', 'strongroom-locked'] as const) this.#around?.removeEventListener(event, this.#changed);
  }

  /** The vault to work on. */
  protected get open(): Vault | undefined {
    return this.vault ?? this.#around?.vault;
  }

  protected override willUpdate(_changed: PropertyValues): void {
    if (this.#seen === this.open) return;
    this.#seen = this.open;
    this.begin();
  }

  /** Another vault, or none: what is shown of the last one goes. */
  protected abstract begin(): void;

  protected abstract work(vault: Vault): TemplateResult;

  protected override content(): TemplateResult {
    const { open } = this;
    return open ? this.work(open) : html`<p class="card hint" part="card">${this.language.text.locked}</p>`;
  }
}
