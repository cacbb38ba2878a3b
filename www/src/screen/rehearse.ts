/** Three words of the recovery phrase typed back, so that the kit is known to be saved. */

import { html, nothing, type TemplateResult } from 'lit';
import { isWord, PHRASE_WORDS, wordsToAsk } from '../lib/phrase.ts';
import { steps } from '../part/steps.ts';
import { View } from '../view.ts';

class Rehearse extends View {
  static override properties = { words: { attribute: false }, wrong: { state: true } };
  declare words: string[];
  /** Numbers of the words that do not match. */
  declare wrong: number[];
  readonly #asked = wordsToAsk(3, PHRASE_WORDS);

  constructor() {
    super();
    this.words = [];
    this.wrong = [];
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" data-testid="screen-rehearse" aria-labelledby="rehearse-title">
        ${steps(3)}
        <h1 id="rehearse-title" tabindex="-1">Three words, to be sure</h1>
        <p>Take the recovery kit that you saved and type these three words from it. Now is the time to find out that it can be read.</p>
        <form novalidate @submit=${this.#submit}>
          <div class="three">${this.#asked.map((number, index) => this.#field(number, index))}</div>
          ${this.wrong.length > 0 ? html`<p class="advice" role="alert" data-testid="rehearse-wrong">${this.#sentence()}</p>` : nothing}
          <div class="buttons">
            <button class="primary" data-testid="rehearse-submit">Open the vault</button>
            <button type="button" class="quiet" data-testid="rehearse-back" @click=${() => this.say('sr-back', undefined)}>Show the kit again</button>
          </div>
        </form>
      </section>`;
  }

  #field(number: number, index: number): TemplateResult {
    return html`
      <div class="field">
        <label for="rehearse-${number}">Word ${number}</label>
        <input id="rehearse-${number}" data-testid="rehearse-word" data-number=${number} ?data-focus=${index === 0}
          aria-invalid=${this.wrong.includes(number)} autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false">
      </div>`;
  }

  #submit = (event: Event) => {
    event.preventDefault();
    const answer = (number: number) => this.querySelector<HTMLInputElement>(`#rehearse-${number}`)?.value ?? '';
    this.wrong = this.#asked.filter((number) => !isWord(answer(number), this.words[number - 1] ?? ''));
    if (this.wrong.length === 0) this.say('sr-rehearsed', undefined);
    else this.querySelector<HTMLInputElement>(`#rehearse-${this.wrong[0]}`)?.focus();
  };

  #sentence(): string {
    const numbers = new Intl.ListFormat('en').format(this.wrong.map(String));
    return this.wrong.length === 1
      ? `Word ${numbers} does not match the kit. Compare it, or show the kit again and save it.`
      : `Words ${numbers} do not match the kit. Compare them, or show the kit again and save it.`;
  }
}

customElements.define('sr-rehearse', Rehearse);
