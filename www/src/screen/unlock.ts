/** Unlock a vault, with its passphrase, a passkey or its recovery phrase. */

import { html, nothing, type TemplateResult } from 'lit';
import { RollbackError, Strongroom, type Secret, type StorageSpec } from 'strongroom';
import { engine, warmUp } from '../engine.ts';
import { failureOf, type Failure } from '../failure.ts';
import { sentence } from '../lib/format.ts';
import { typedName } from '../lib/name.ts';
import { withPasskey } from '../lib/passkey.ts';
import { PHRASE_WORDS, phraseWords } from '../lib/phrase.ts';
import { rememberBucket, rememberedName } from '../memory.ts';
import { icon } from '../part/icon.ts';
import type { PlaceChoice } from '../part/place.ts';
import { problem } from '../part/problem.ts';
import { settle } from '../place.ts';
import { View } from '../view.ts';
import '../part/place.ts';
import '../part/rollback.ts';

const NAMELESS = 'Type the name of the vault, with its random ending. It stands in the recovery kit.';

type Way = 'passphrase' | 'passkey' | 'phrase';

class Unlock extends View {
  static override properties = {
    why: { attribute: false }, name: { state: true }, way: { state: true }, shown: { state: true }, words: { state: true },
    advice: { state: true }, working: { state: true }, failure: { state: true },
    rollback: { state: true },
  };
  /** Why one is here again. */
  declare why: string | undefined;
  declare name: string;
  declare way: Way;
  declare shown: boolean;
  /** How many words the text area holds. */
  declare words: number;
  declare advice: string | undefined;
  declare working: boolean;
  declare failure: Failure | undefined;
  /** The storage was set back; `secret` opens the vault all the same. */
  declare rollback: { error: RollbackError; secret: Secret; storage: StorageSpec } | undefined;
  readonly #remembered = rememberedName();

  constructor() {
    super();
    this.name = this.#remembered;
    this.way = 'passphrase';
    this.shown = false;
    this.words = 0;
    this.working = false;
    warmUp();
  }

  protected override render(): TemplateResult {
    const { rollback } = this;
    return html`
      <section class="card" data-testid="screen-unlock" aria-labelledby="unlock-title">${rollback && !this.working
        ? html`<sr-rollback .error=${rollback.error} @sr-accept=${() => void this.#unlock(rollback.secret, rollback.storage)} @sr-decline=${this.#decline}></sr-rollback>`
        : this.#form()}
      </section>`;
  }

  #form(): TemplateResult {
    return html`
        <h1 id="unlock-title" tabindex="-1">Unlock a vault</h1>
        ${this.why ? html`<p class="notice">${icon('lock')} ${this.why}</p>` : nothing}
        <form novalidate @submit=${this.#submit} aria-busy=${this.working}>
          <fieldset class="plain" ?disabled=${this.working}>
            <div class="field">
              <label for="unlock-name">Name of the vault</label>
              <input id="unlock-name" data-testid="unlock-name" ?data-focus=${this.#remembered === ''} .value=${this.name} autocomplete="username"
                autocapitalize="none" spellcheck="false" placeholder="ana-x7q2" aria-describedby="unlock-name-hint" required @input=${this.#named}>
              <p class="hint" id="unlock-name-hint">${this.#remembered === ''
                ? 'The whole name, with its random ending: it stands in the recovery kit.'
                : 'This browser remembers the name.'} A bucket or a folder that holds one vault needs none; where it holds several, type the vault’s id.</p>
            </div>
            <sr-place returning @sr-edited=${this.#clear}></sr-place>
            <fieldset>
              <legend class="unseen">Unlock with</legend>
              <div class="ways">${this.#radio('passphrase', 'Passphrase')} ${this.#radio('passkey', 'Passkey')} ${this.#radio('phrase', 'Recovery phrase')}</div>
            </fieldset>
            ${this.way === 'passphrase' ? this.#passphrase() : this.way === 'passkey' ? this.#passkey() : this.#phrase()}
          </fieldset>
          ${this.advice ? html`<p class="advice" role="alert" data-testid="unlock-advice">${this.advice}</p>` : nothing}
          ${problem(this.failure)}
          ${this.working
            ? html`<p class="working" role="status" data-testid="unlock-working"><span class="spinner"></span>${this.way === 'passkey'
              ? 'Unlocking. The browser asks for the passkey; then a key is made of it, which takes a moment on purpose.'
              : 'Unlocking. Turning the secret into a key takes a moment on purpose.'}</p>`
            : html`<div class="buttons">
                <button class="primary" data-testid="unlock-submit">Unlock</button>
                <button type="button" class="quiet" data-testid="go-back" @click=${() => this.say('sr-back', undefined)}>Back</button>
              </div>`}
        </form>`;
  }

  #radio(way: Way, text: string): TemplateResult {
    return html`<label><input type="radio" name="way" data-testid="unlock-with-${way}" .checked=${this.way === way}
      @change=${() => { this.way = way; this.#clear(); }}> ${text}</label>`;
  }

  #passphrase(): TemplateResult {
    return html`
      <div class="field">
        <label for="unlock-passphrase">Passphrase</label>
        <input id="unlock-passphrase" data-testid="unlock-passphrase" ?data-focus=${this.#remembered !== ''} type=${this.shown ? 'text' : 'password'}
          autocomplete="current-password" autocapitalize="none" spellcheck="false" required @input=${this.#clear}>
        <label class="check"><input type="checkbox" data-testid="unlock-show" .checked=${this.shown}
          @change=${(event: Event) => { this.shown = (event.target as HTMLInputElement).checked; }}> Show the passphrase</label>
      </div>`;
  }

  #passkey(): TemplateResult {
    return html`<p class="hint" data-testid="unlock-passkey">${Strongroom.passkeyObstacle
      ?? 'The browser asks which passkey to use: on this device, on a phone or on a security key. It has to be one that was added to this vault, under “Who gets in”.'}</p>`;
  }

  #phrase(): TemplateResult {
    return html`
      <div class="field">
        <label for="unlock-phrase">Recovery phrase</label>
        <p class="hint" id="unlock-phrase-hint">The ${PHRASE_WORDS} words of the recovery kit in their order. Numbers and line ends do not matter.</p>
        <textarea id="unlock-phrase" data-testid="unlock-phrase" rows="5" autocomplete="off" autocapitalize="none" spellcheck="false"
          aria-describedby="unlock-phrase-hint" required @input=${this.#counted}></textarea>
        <p class="hint">${this.words} of ${PHRASE_WORDS} words</p>
      </div>`;
  }

  #named = (event: Event) => {
    this.name = (event.target as HTMLInputElement).value;
    this.#clear();
  };

  #counted = (event: Event) => {
    this.words = phraseWords((event.target as HTMLTextAreaElement).value).length;
    this.#clear();
  };

  #clear = () => {
    this.advice = undefined;
    this.failure = undefined;
  };

  #submit = (event: Event) => {
    event.preventDefault();
    this.#clear();
    const field = this.#field;
    const typed = field?.value ?? '';
    const misplaced = this.#place?.trouble;
    this.advice = this.#nameless ? NAMELESS : misplaced ?? this.#trouble(typed);
    if (this.advice !== undefined) {
      if (!this.#nameless && misplaced !== undefined) this.#place?.focusTrouble();
      else (this.#nameless ? this.find('unlock-name') : field)?.focus();
      return;
    }
    if (this.way === 'passkey') void this.#unlock({ passkey: true });
    else void this.#unlock(this.way === 'passphrase' ? { passphrase: typed } : { recoveryPhrase: phraseWords(typed).join(' ') });
  };

  /** Where the secret is typed. */
  get #field(): HTMLInputElement | HTMLTextAreaElement | null {
    return this.find<HTMLInputElement | HTMLTextAreaElement>(this.way === 'passphrase' ? 'unlock-passphrase' : 'unlock-phrase');
  }

  #trouble(typed: string): string | undefined {
    if (this.way === 'passkey') return Strongroom.passkeyObstacle;
    if (this.way === 'passphrase') return typed === '' ? 'Type the passphrase.' : undefined;
    const words = phraseWords(typed).length;
    if (words === PHRASE_WORDS) return undefined;
    return words < PHRASE_WORDS
      ? `The recovery phrase has ${PHRASE_WORDS} words; ${words === 1 ? 'this is 1' : `these are ${words}`}. Look which are missing.`
      : `The recovery phrase has ${PHRASE_WORDS} words; these are ${words}. Leave out what does not belong to it.`;
  }

  get #place(): PlaceChoice | null {
    return this.querySelector<PlaceChoice>('sr-place');
  }

  /** A bucket and a folder can be asked which vaults they hold; a server tells nobody. */
  get #nameless(): boolean {
    return typedName(this.name) === '' && this.#place?.where === 'server';
  }

  /** At `again` where the form is gone already: once more at the same place, whatever its state. */
  async #unlock(secret: Secret, again?: StorageSpec): Promise<void> {
    const place = this.#place;
    const storage = again ?? place?.storage;
    if (!storage) return;
    this.working = true;
    this.rollback = undefined;
    try {
      const running = await engine();
      const vault = await running.unlock(storage, { name: typedName(this.name), secret, acceptRollback: again !== undefined });
      settle(vault, { storage, report: place?.report });
      if (place?.remember && place.address) rememberBucket({ address: place.address, text: await vault.rememberStorage() });
      this.say('sr-unlocked', vault);
    } catch (error) {
      if (error instanceof RollbackError) {
        this.rollback = { error, secret, storage };
        await this.updateComplete;
        requestAnimationFrame(() => this.querySelector<HTMLElement>('h1')?.focus());
        return;
      }
      const failure = failureOf(error);
      this.failure = atTheDoor('passkey' in secret ? withPasskey(failure) : failure);
      this.working = false;
      await this.updateComplete;
      this.#startOver(this.failure);
    } finally {
      this.working = false;
    }
  }

  #decline = () => {
    this.rollback = undefined;
    this.say('sr-back', undefined);
  };

  /** A secret that does not open the vault is not kept; a long phrase with one wrong word is, to be mended. */
  #startOver(failure: Failure): void {
    const passphrase = this.find<HTMLInputElement>('unlock-passphrase');
    if (passphrase && failure.code === 'wrong_secret') passphrase.value = '';
    (this.#field ?? this.find('unlock-submit'))?.focus();
  }
}

/** A refusal here is not the storage's: the server counts tries, and says itself how long to wait. */
function atTheDoor(failure: Failure): Failure {
  if (failure.code !== 'denied') return failure;
  return {
    ...failure, again: false, what: 'The server lets nobody try this vault just now.', why: sentence(failure.message),
    next: 'Wait that long, then try again. The recovery phrase has tries of its own.',
  };
}

customElements.define('sr-unlock', Unlock);
