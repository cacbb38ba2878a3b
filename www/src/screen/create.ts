/** Create a vault: its name and its passphrase. */

import { html, nothing, type TemplateResult } from 'lit';
import { broker, engine, warmUp } from '../engine.ts';
import { failureOf, type Failure } from '../failure.ts';
import { firstPart, fullName, newEnding } from '../lib/name.ts';
import { passphraseTrouble, SHORTEST } from '../lib/passphrase.ts';
import { problem } from '../part/problem.ts';
import { View } from '../view.ts';

class Create extends View {
  static override properties = {
    first: { state: true }, ending: { state: true }, shown: { state: true },
    advice: { state: true }, working: { state: true }, failure: { state: true },
  };
  declare first: string;
  declare ending: string;
  declare shown: boolean;
  declare advice: string | undefined;
  declare working: boolean;
  declare failure: Failure | undefined;

  constructor() {
    super();
    this.first = '';
    this.ending = newEnding();
    this.shown = false;
    this.working = false;
    warmUp();
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" data-testid="screen-create" aria-labelledby="create-title">
        <h1 id="create-title" tabindex="-1">Create a vault</h1>
        <form novalidate @submit=${this.#submit} aria-busy=${this.working}>
          <fieldset class="plain" ?disabled=${this.working}>
            ${this.#name()} ${this.#passphrase()}
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
        <p class="hint" id="create-name-hint">Your name or the computer’s, for example. You type it to unlock the vault elsewhere.</p>
        <input id="create-name" data-testid="create-name" data-focus .value=${this.first} @input=${this.#typed} maxlength="59"
          autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="create-name-hint create-name-whole" required>
        <p class="whole" id="create-name-whole">
          ${name === ''
            ? html`<span class="hint">Four random letters are added, so that nobody can guess it.</span>`
            : html`<span>Whole name: <output data-testid="create-full-name" for="create-name">${name}</output></span>
                <button type="button" class="link" data-testid="create-new-ending" @click=${this.#another}>Another ending</button>`}
        </p>
        ${/* Password managers keep the passphrase under the whole name. */ nothing}
        <input class="unseen" type="text" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readonly .value=${name}>
      </div>`;
  }

  #passphrase(): TemplateResult {
    const type = this.shown ? 'text' : 'password';
    return html`
      <div class="field">
        <label for="create-passphrase">Passphrase</label>
        <p class="hint" id="create-passphrase-hint">At least ${SHORTEST} characters. Four or five words that do not belong together are strong and easy to
          remember. Nobody can reset it for you: a recovery phrase comes next.</p>
        <input id="create-passphrase" data-testid="create-passphrase" type=${type} autocomplete="new-password" autocapitalize="none" spellcheck="false"
          aria-describedby="create-passphrase-hint" required @input=${this.#clear}>
      </div>
      <div class="field">
        <label for="create-again">Passphrase again</label>
        <input id="create-again" data-testid="create-passphrase-again" type=${type} autocomplete="new-password" autocapitalize="none" spellcheck="false"
          required @input=${this.#clear} @change=${this.#compare}>
        <label class="check"><input type="checkbox" data-testid="create-show" .checked=${this.shown}
          @change=${(event: Event) => { this.shown = (event.target as HTMLInputElement).checked; }}> Show the passphrase</label>
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

  #compare = () => {
    const trouble = this.#trouble();
    if (trouble && this.#value('create-passphrase') !== '') this.advice = trouble;
  };

  #submit = (event: Event) => {
    event.preventDefault();
    this.advice = firstPart(this.first) === '' ? 'Give the vault a name with at least one letter or digit.' : this.#trouble();
    if (this.advice === undefined) void this.#create();
    else this.#focusTrouble();
  };

  async #create(): Promise<void> {
    const passphrase = this.#value('create-passphrase');
    this.failure = undefined;
    this.working = true;
    try {
      const running = await engine();
      const created = await running.createVault(broker, { name: fullName(this.first, this.ending), passphrase });
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
    this.failure = { ...failure, message: `${failure.message} Another ending has been drawn: try again with it.`, again: true };
  }

  #trouble(): string | undefined {
    return passphraseTrouble(this.#value('create-passphrase'), this.#value('create-passphrase-again'), fullName(this.first, this.ending));
  }

  #focusTrouble(): void {
    const short = firstPart(this.first) === '' ? 'create-name' : passphraseTrouble(this.#value('create-passphrase'), this.#value('create-passphrase'), '') ? 'create-passphrase' : 'create-passphrase-again';
    this.find(short)?.focus();
  }

  /** Read where it stands: a passphrase is not kept in a second place. */
  #value(testid: string): string {
    return this.find<HTMLInputElement>(testid)?.value ?? '';
  }
}

customElements.define('sr-create', Create);
