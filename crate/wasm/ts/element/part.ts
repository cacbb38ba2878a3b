/** What the three elements share: language, failures, events, focus. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ErrorCode } from '../types.js';
import { Language, languageAround } from './language.js';
import { style } from './style.js';
import { TEXTS } from './text.js';
import type { StrongroomEvents } from './types.js';

export interface Failure { code: ErrorCode; message: string }

export abstract class Part extends LitElement {
  static override styles = style;
  static override properties = { failure: { state: true } };
  protected declare failure: Failure | undefined;
  protected language = Language.of('en');
  #tag = '';
  readonly #languages = new MutationObserver(() => this.requestUpdate());

  override connectedCallback(): void {
    super.connectedCallback();
    this.#languages.observe(this.ownerDocument, { subtree: true, attributes: true, attributeFilter: ['lang'] });
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#languages.disconnect();
  }

  protected abstract content(): TemplateResult;

  protected override render(): TemplateResult {
    const tag = languageAround(this);
    if (tag !== this.#tag) this.language = Language.of(this.#tag = tag);
    const { dir, tag: lang } = this.language;
    return html`<div class="root" part="root" dir=${dir} lang=${lang} @keydown=${this.#key}>${this.content()}</div>`;
  }

  /** What went wrong, in the reader's language; the engine's own sentence is folded away. */
  protected problem(): TemplateResult | typeof nothing {
    const { failure, language: { text } } = this;
    if (!failure) return nothing;
    return html`
      <div class="problem" part="error" role="alert" data-code=${failure.code}>
        <p>${text.errors[failure.code]}</p>
        <details><summary>${text.details}</summary><p lang="en" dir="ltr">${failure.message}</p></details>
      </div>`;
  }

  /** Shows a failure and tells of it; what a person called off is neither. */
  protected fail(error: unknown): void {
    const { code, message } = failureOf(error);
    if (code === 'cancelled') return;
    this.failure = { code, message };
    this.tell('strongroom-error', { code, message, error });
  }

  protected tell<Name extends keyof StrongroomEvents>(name: Name, detail: StrongroomEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  protected find<Found extends HTMLElement>(selector: string): Found | null {
    return this.renderRoot.querySelector<Found>(selector);
  }

  /** Moves the focus once what is to have it is drawn. */
  protected async focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.find(selector)?.focus();
  }

  /** What Escape does, where it does anything. */
  protected escape(): boolean {
    return false;
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.escape()) event.stopPropagation();
  };
}

/** Any thrown thing; the engine's errors are known by their codes. */
export function failureOf(error: unknown): Failure {
  const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
  const known = typeof code === 'string' && Object.hasOwn(TEXTS.en.errors, code) ? code as ErrorCode : name === 'AbortError' ? 'cancelled' : 'internal';
  return { code: known, message: typeof message === 'string' ? message : String(error) };
}
