/** What all elements of the page share. */

import { LitElement } from 'lit';

/**
 * An element in the light DOM: one style sheet for the page, labels and headings that find each other, no inline styles.
 * Draws anew whenever something it watches dispatches `change`.
 */
export class View extends LitElement {
  #watched: EventTarget | undefined;
  readonly #draw = () => this.requestUpdate();

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Watches this and nothing else. */
  protected watch(target: EventTarget | undefined): void {
    if (this.#watched === target) return;
    this.#watched?.removeEventListener('change', this.#draw);
    this.#watched = target;
    target?.addEventListener('change', this.#draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watched?.removeEventListener('change', this.#draw);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watched?.addEventListener('change', this.#draw);
  }

  /** The element below this one with that test id. */
  protected find<Kind extends HTMLElement>(testid: string): Kind | null {
    return this.querySelector<Kind>(`[data-testid="${testid}"]`);
  }

  protected say<Detail>(type: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
