/** A new passphrase: six random words that are offered, or one's own with a meter. */

import { html, nothing, type TemplateResult } from 'lit';
import { passphraseTrouble, SHORTEST } from '../lib/passphrase.ts';
import { ENOUGH, loadMeter, type Meter, type Strength } from '../lib/strength.ts';
import { drawWords, wordList } from '../lib/words.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

type Way = 'offered' | 'own';

/** Says `sr-edited` whenever something was changed. */
class NewPassphrase extends View {
  static override properties = {
    name: { attribute: false }, legend: { attribute: false }, way: { state: true }, offer: { state: true }, copied: { state: true }, saved: { state: true },
    shown: { state: true }, strength: { state: true },
  };
  /** The vault's name: no passphrase, and no part of a good one. */
  declare name: string;
  declare legend: string;
  declare way: Way;
  /** The offered words; absent until the list is loaded. */
  declare offer: string | undefined;
  declare copied: string | undefined;
  declare saved: boolean;
  declare shown: boolean;
  declare strength: Strength | undefined;
  #list: readonly string[] = [];
  #meter: Meter | undefined;

  constructor() {
    super();
    this.name = '';
    this.legend = 'Passphrase';
    this.way = 'offered';
    this.saved = false;
    this.shown = false;
    void this.#offer();
  }

  /** The new passphrase. Read where it stands: it is not kept in a second place. */
  get value(): string {
    return this.way === 'offered' ? this.offer ?? '' : this.#typed('create-passphrase');
  }

  /** What is still wrong with it, as a sentence with what to do. */
  get trouble(): string | undefined {
    if (this.way === 'offered') return this.saved ? undefined : 'Write the six words down or save them, then say so below them.';
    const trouble = passphraseTrouble(this.value, this.#typed('create-passphrase-again'), this.name);
    if (trouble !== undefined) return trouble;
    return this.strength && this.strength.score < ENOUGH ? `This passphrase is too easy to guess. ${this.strength.advice ?? ''}`.trim() : undefined;
  }

  /** Puts the focus on what is still wrong. */
  focusTrouble(): void {
    const again = this.way === 'own' && passphraseTrouble(this.value, this.value, this.name) === undefined && this.value !== this.#typed('create-passphrase-again');
    this.find(this.way === 'offered' ? 'create-saved' : again ? 'create-passphrase-again' : 'create-passphrase')?.focus();
  }

  protected override render(): TemplateResult {
    return html`
      <fieldset class="field">
        <legend>${this.legend}</legend>
        <p class="hint">It turns into the key on this computer. Nobody else ever has it, so nobody can reset it.</p>
        <div class="ways" role="radiogroup" aria-label="Which passphrase">
          ${this.#radio('offered', 'Six random words')} ${this.#radio('own', 'My own')}
        </div>
        ${this.way === 'offered' ? this.#offered() : this.#own()}
      </fieldset>`;
  }

  #radio(way: Way, text: string): TemplateResult {
    return html`<label><input type="radio" name="passphrase-way" data-testid="create-way-${way}" .checked=${this.way === way}
      @change=${() => { this.way = way; this.#edited(); }}>${text}</label>`;
  }

  #offered(): TemplateResult {
    const { offer } = this;
    if (offer === undefined) return html`<p class="working"><span class="spinner"></span>Drawing words…</p>`;
    return html`
      <div class="offer">
        <output class="fixed" data-testid="create-offer" translate="no">${offer}</output>
        <div class="buttons">
          <button type="button" class="quiet" data-testid="create-offer-another" @click=${this.#another}>${icon('again')} Other words</button>
          <button type="button" class="quiet" data-testid="create-offer-copy" @click=${this.#copy}>${icon('copy')} Copy</button>
          <span class="hint" role="status">${this.copied ?? nothing}</span>
        </div>
      </div>
      ${/* Password managers save what stands in a password field. */ nothing}
      <input class="unseen" type="password" autocomplete="new-password" tabindex="-1" aria-hidden="true" readonly .value=${offer}>
      <p class="hint">Six words out of 7,776 can fall in more than 10²³ ways: nobody guesses them, and a picture or a story makes them stay.</p>
      <label class="check"><input type="checkbox" data-testid="create-saved" .checked=${this.saved}
        @change=${(event: Event) => { this.saved = (event.target as HTMLInputElement).checked; this.#edited(); }}> I have written it down or saved it</label>`;
  }

  #own(): TemplateResult {
    const type = this.shown ? 'text' : 'password';
    return html`
      <label class="unseen" for="create-passphrase">Your passphrase</label>
      <input id="create-passphrase" data-testid="create-passphrase" type=${type} autocomplete="new-password" autocapitalize="none" spellcheck="false"
        placeholder="At least ${SHORTEST} characters" aria-describedby="create-strength" required @input=${this.#rate}>
      <div id="create-strength">${this.#meterLine()}</div>
      <label for="create-again">The same once more</label>
      <input id="create-again" data-testid="create-passphrase-again" type=${type} autocomplete="new-password" autocapitalize="none" spellcheck="false"
        required @input=${this.#edited}>
      <label class="check"><input type="checkbox" data-testid="create-show" .checked=${this.shown}
        @change=${(event: Event) => { this.shown = (event.target as HTMLInputElement).checked; }}> Show what I type</label>`;
  }

  #meterLine(): TemplateResult {
    const { strength } = this;
    if (!strength) return html`<p class="hint">Four or five words that do not belong together are strong and easy to remember.</p>`;
    return html`
      <div class="strength" data-testid="create-strength" data-score=${strength.score}>
        <meter min="0" max="4" low="2" high="3" optimum="4" value=${Math.max(strength.score, 0.25)} aria-hidden="true"></meter>
        <p class="hint">${strength.verdict}.${strength.advice ? html` ${strength.advice}` : nothing}</p>
      </div>`;
  }

  #rate = async () => {
    this.#edited();
    try {
      this.#meter ??= await loadMeter();
    } catch {
      return; // without a meter the least length is still asked for
    }
    const typed = this.#typed('create-passphrase');
    this.strength = typed === '' ? undefined : this.#meter(typed, this.name);
  };

  #another = () => {
    this.offer = drawWords(this.#list);
    this.saved = false;
    this.copied = undefined;
    this.#edited();
  };

  #copy = async () => {
    try {
      await navigator.clipboard.writeText(this.offer ?? '');
      this.copied = 'Copied. Paste it into your password manager.';
    } catch {
      this.copied = 'The browser did not allow copying. Write the words down.';
    }
  };

  /** Where the list cannot be had, one's own passphrase is the way. */
  async #offer(): Promise<void> {
    try {
      this.#list = await wordList();
      this.offer = drawWords(this.#list);
    } catch {
      this.way = 'own';
    }
  }

  #edited = () => this.say('sr-edited', undefined);

  #typed(testid: string): string {
    return this.find<HTMLInputElement>(testid)?.value ?? '';
  }
}

customElements.define('sr-new-passphrase', NewPassphrase);
export type { NewPassphrase };
