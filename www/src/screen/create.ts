/** Create a vault: its name and its passphrase. */

import { html, nothing, type TemplateResult } from 'lit';
import { engine, warmUp } from '../engine.ts';
import { failureOf, type Failure } from '../failure.ts';
import { firstPart, fullName, newEnding } from '../lib/name.ts';
import { rememberBucket } from '../memory.ts';
import type { NewPassphrase } from '../part/passphrase.ts';
import type { PlaceChoice } from '../part/place.ts';
import { problem } from '../part/problem.ts';
import { steps } from '../part/steps.ts';
import { View } from '../view.ts';
import { settle } from '../place.ts';
import '../part/passphrase.ts';
import '../part/place.ts';

class Create extends View {
  static override properties = {
    first: { state: true }, ending: { state: true }, advice: { state: true }, working: { state: true }, failure: { state: true },
  };
  declare first: string;
  declare ending: string;
  declare advice: string | undefined;
  declare working: boolean;
  declare failure: Failure | undefined;

  constructor() {
    super();
    this.first = '';
    this.ending = newEnding();
    this.working = false;
    warmUp();
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" data-testid="screen-create" aria-labelledby="create-title">
        ${steps(1)}
        <h1 id="create-title" tabindex="-1">Create a vault</h1>
        <form novalidate @submit=${this.#submit} aria-busy=${this.working}>
          <fieldset class="plain" ?disabled=${this.working}>
            ${this.#name()}
            <sr-place @sr-edited=${this.#clear}></sr-place>
            <sr-new-passphrase .name=${fullName(this.first, this.ending)} @sr-edited=${this.#clear}></sr-new-passphrase>
          </fieldset>
          ${this.advice ? html`<p class="advice" role="alert" data-testid="create-advice">${this.advice}</p>` : nothing}
          ${problem(this.failure, { retry: () => void this.#create() })}
          ${this.working
            ? html`<p class="working" role="status" data-testid="create-working"><span class="spinner"></span>Creating the vault. Turning the passphrase
                into a key takes a moment on purpose: it is what makes guessing slow.</p>`
            : html`<div class="buttons">
                <button class="primary" data-testid="create-submit">Create the vault</button>
                <button type="button" class="quiet" data-testid="go-back" @click=${() => this.say('sr-back', undefined)}>Back</button>
              </div>`}
        </form>
      </section>`;
  }

  #name(): TemplateResult {
    const name = fullName(this.first, this.ending);
    return html`
      <div class="field">
        <label for="create-name">Name of the vault</label>
        <input id="create-name" data-testid="create-name" data-focus .value=${this.first} @input=${this.#typed} maxlength="59"
          autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="Your name or the computer’s"
          aria-describedby="create-name-whole create-name-hint" required>
        ${name === '' ? nothing : html`
          <p class="whole" id="create-name-whole">
            <span>Whole name: <output data-testid="create-full-name" for="create-name">${name}</output></span>
            <button type="button" class="link" data-testid="create-new-ending" @click=${this.#another}>Another ending</button>
          </p>`}
        <p class="hint" id="create-name-hint">Four random letters are added, so that a stranger who knows your name has not found your vault.
          You unlock with the whole name; it stands in the recovery kit.</p>
        ${/* Password managers keep the passphrase under the whole name. */ nothing}
        <input class="unseen" type="text" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readonly .value=${name}>
      </div>`;
  }

  #typed = (event: Event) => {
    this.first = (event.target as HTMLInputElement).value;
    this.#clear();
  };

  #another = () => {
    this.ending = newEnding();
    this.#clear();
  };

  #clear = () => {
    this.advice = undefined;
    this.failure = undefined;
  };

  #submit = (event: Event) => {
    event.preventDefault();
    const nameless = firstPart(this.first) === '';
    const misplaced = this.#place?.trouble;
    this.advice = nameless ? 'Give the vault a name with at least one letter or digit.' : misplaced ?? this.#passphrase?.trouble;
    if (this.advice === undefined) void this.#create();
    else if (nameless) this.find('create-name')?.focus();
    else if (misplaced !== undefined) this.#place?.focusTrouble();
    else this.#passphrase?.focusTrouble();
  };

  async #create(): Promise<void> {
    const passphrase = this.#passphrase?.value ?? '';
    this.failure = undefined;
    this.working = true;
    try {
      const running = await engine();
      const place = this.#place;
      const storage = place?.storage;
      if (!place || !storage) return;
      const created = await running.createVault(storage, { name: fullName(this.first, this.ending), passphrase });
      settle(created.vault, { storage, report: place.report });
      if (place.remember && place.address) rememberBucket({ address: place.address, text: await created.vault.rememberStorage() });
      this.say('sr-created', created);
    } catch (error) {
      this.failure = failureOf(error);
      if (this.failure.code === 'name_taken') this.#avoidTaken(this.failure);
    } finally {
      this.working = false;
    }
  }

  /** Draws another ending, so that the same click again succeeds. */
  #avoidTaken(failure: Failure): void {
    this.ending = newEnding();
    this.failure = { ...failure, next: 'Another ending has been drawn: try again with it.', again: true };
  }

  get #place(): PlaceChoice | null {
    return this.querySelector<PlaceChoice>('sr-place');
  }

  get #passphrase(): NewPassphrase | null {
    return this.querySelector<NewPassphrase>('sr-new-passphrase');
  }
}

customElements.define('sr-create', Create);
