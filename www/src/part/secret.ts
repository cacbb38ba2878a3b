/** A vault's secret, given once more where something cannot be undone: its passphrase, the recovery phrase, or a passkey. */

import { html, type TemplateResult } from 'lit';
import { Strongroom, type Secret } from 'strongroom';
import { PHRASE_WORDS, phraseWords } from '../lib/phrase.ts';
import type { Failure } from '../failure.ts';
import { sentence } from '../lib/format.ts';
import { withPasskey } from '../lib/passkey.ts';
import { View } from '../view.ts';

type Way = 'passphrase' | 'phrase' | 'passkey';

const WAYS: Record<Way, string> = { passphrase: 'Use the passphrase instead', phrase: 'Use the recovery phrase instead', passkey: 'Use a passkey instead' };

class SecretField extends View {
  static override properties = { name: { attribute: false }, vault: { attribute: false }, way: { state: true } };
  /** What the ids of its fields begin with. */
  declare name: string;
  /** The vault's name, for password managers. */
  declare vault: string;
  declare way: Way;

  constructor() {
    super();
    this.name = 'secret';
    this.vault = '';
    this.way = 'passphrase';
  }

  /** What was typed; nothing while that cannot be one. */
  get value(): Secret | undefined {
    if (this.way === 'passkey') return { passkey: true };
    if (this.trouble !== undefined) return undefined;
    return this.way === 'passphrase' ? { passphrase: this.#typed } : { recoveryPhrase: phraseWords(this.#typed).join(' ') };
  }

  /** What is still wrong with it, as a sentence. */
  get trouble(): string | undefined {
    if (this.way === 'passkey') return undefined;
    if (this.way === 'passphrase') return this.#typed === '' ? 'Type the present passphrase.' : undefined;
    return phraseWords(this.#typed).length === PHRASE_WORDS ? undefined : `Type the ${PHRASE_WORDS} words of the recovery phrase.`;
  }

  focusField(): void {
    this.#field?.focus();
  }

  clear(): void {
    if (this.#field) this.#field.value = '';
  }

  protected override render(): TemplateResult {
    const others = (Object.keys(WAYS) as Way[]).filter((way) => way !== this.way && (way !== 'passkey' || Strongroom.passkeyObstacle === undefined));
    return html`
      <div class="field">
        ${this.way === 'passkey' ? html`<p class="hint" data-testid="${this.name}-passkey">The browser will ask for a passkey of this vault.</p>` : this.#input()}
        <div>${others.map((way) => html`<button type="button" class="link" data-testid="${this.name}-with-${way}" @click=${() => void this.#turn(way)}>${WAYS[way]}</button> `)}</div>
      </div>`;
  }

  #input(): TemplateResult {
    const id = `${this.name}-${this.way}`;
    return html`
        <label for=${id}>${this.way === 'passphrase' ? 'Present passphrase' : 'Recovery phrase'}</label>
        <input class="unseen" type="text" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readonly .value=${this.vault}>
        ${this.way === 'passphrase'
          ? html`<input id=${id} data-testid=${id} type="password" autocomplete="current-password" autocapitalize="none" spellcheck="false" required @input=${this.#edited}>`
          : html`<textarea id=${id} data-testid=${id} rows="4" autocomplete="off" autocapitalize="none" spellcheck="false" required @input=${this.#edited}></textarea>`}`;
  }

  get #field(): HTMLInputElement | HTMLTextAreaElement | null {
    return this.find<HTMLInputElement | HTMLTextAreaElement>(`${this.name}-${this.way}`);
  }

  get #typed(): string {
    return this.#field?.value ?? '';
  }

  #edited = () => this.say('sr-edited', undefined);

  async #turn(way: Way): Promise<void> {
    this.way = way;
    this.#edited();
    await this.updateComplete;
    this.focusField();
  }
}

/** At an open vault there is no doubt which one is meant. */
export function atHome(failure: Failure): Failure {
  if (failure.code === 'cancelled') return withPasskey(failure);
  if (failure.code === 'wrong_secret') {
    return { ...failure, what: 'That is not this vault’s secret.', why: 'It is mistyped, or another passphrase is in force by now.', next: 'Check capitals and spaces, or use the recovery phrase.' };
  }
  if (failure.code === 'denied') {
    return { ...failure, again: false, what: 'The server allows no more tries just now.', why: sentence(failure.message), next: 'Wait that long, or use the recovery phrase, which has tries of its own.' };
  }
  return failure;
}

customElements.define('sr-secret', SecretField);
export type { SecretField };
