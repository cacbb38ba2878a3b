/** Who is signed in to the vault, and the way to end that. */

import { html, nothing, type TemplateResult } from 'lit';
import type { SessionInfo } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { ago, hour, plural } from '../lib/format.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';
import { atHome, type SecretField } from './secret.ts';
import './secret.ts';

/** One session, or all others. */
type Ending = SessionInfo | 'others';

class Sessions extends View {
  static override properties = {
    session: { attribute: false }, sessions: { state: true }, failure: { state: true }, ending: { state: true }, working: { state: true }, advice: { state: true },
    refusal: { state: true }, told: { state: true },
  };
  declare session: Session;
  /** Oldest first; absent until the server has answered. */
  declare sessions: SessionInfo[] | undefined;
  declare failure: Failure | undefined;
  /** What is to be ended, while the secret is asked for. */
  declare ending: Ending | undefined;
  declare working: boolean;
  declare advice: string | undefined;
  /** Why it was not ended. */
  declare refusal: Failure | undefined;
  declare told: string | undefined;

  constructor() {
    super();
    this.working = false;
  }

  override firstUpdated(): void {
    void this.load();
  }

  async load(): Promise<void> {
    try {
      this.sessions = await this.session.vault.sessions();
      this.failure = undefined;
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  protected override render(): TemplateResult {
    const { sessions, failure } = this;
    const others = sessions?.filter(({ current }) => !current).length ?? 0;
    return html`
      <section class="card" aria-labelledby="sessions-title">
        <div class="title-row">
          <h2 id="sessions-title" tabindex="-1">Who is signed in</h2>
          <button type="button" class="quiet" data-testid="sessions-reload" @click=${() => void this.load()}>Reload</button>
        </div>
        <p class="hint">Each unlock is a session at the server. It ends by itself a quarter of an hour after it was last used, and at the latest after a day. A session
          can add to the vault and fetch what is sealed; it opens nothing without a secret.</p>
        ${problem(failure, { retry: () => void this.load(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${sessions ? html`<ul class="sessions" data-testid="sessions" data-value=${sessions.length}>${[...sessions].reverse().map((one) => this.#row(one))}</ul>`
          : failure ? nothing : html`<p class="hint" role="status">Asking the server…</p>`}
        <p role="status" class=${this.told ? 'notice' : 'unseen'} data-testid="sessions-told">${this.told ? html`${icon('done')}<span>${this.told}</span>` : nothing}</p>
        ${others > 0 ? html`<div class="buttons"><button type="button" data-testid="sessions-end-others" @click=${() => this.#ask('others')}>End all others</button></div>` : nothing}
        ${this.#dialog()}
      </section>`;
  }

  #row(one: SessionInfo): TemplateResult {
    const now = Date.now();
    return html`
      <li data-testid="session" data-id=${one.id} data-current=${one.current}>
        ${icon(one.current ? 'done' : 'key')}
        <span><strong>${one.current ? 'This page' : 'Another browser or tab'}</strong>
          <span class="hint">unlocked ${ago(one.started, now)} · good until ${hour(one.expires)}</span></span>
        ${one.current ? nothing : html`<button type="button" data-testid="session-end" aria-label="End the session unlocked ${ago(one.started, now)}" @click=${() => this.#ask(one)}>End</button>`}
      </li>`;
  }

  #dialog(): TemplateResult {
    const { ending } = this;
    return html`
      <dialog data-testid="sessions-dialog" aria-labelledby="sessions-ask" @close=${this.#closed}>
        <h2 id="sessions-ask">${ending === 'others' ? 'End all other sessions?' : 'End this session?'}</h2>
        <p>Whoever uses it has to unlock the vault again, with a secret. If somebody else knows yours, change the passphrase instead: that ends all other sessions too.</p>
        ${ending ? html`
          <form novalidate @submit=${this.#submit} @sr-edited=${this.#clear} aria-busy=${this.working}>
            <fieldset class="plain" ?disabled=${this.working}><sr-secret .name=${'sessions'} .vault=${this.session.vault.name}></sr-secret></fieldset>
            ${this.advice ? html`<p class="advice" role="alert">${this.advice}</p>` : nothing}
            ${problem(this.refusal)}
            ${this.working
              ? html`<p class="working" role="status"><span class="spinner"></span>Turning the secret into a key takes a moment on purpose.</p>`
              : html`<div class="buttons end"><button type="button" class="quiet" data-testid="sessions-keep" @click=${this.#close}>Keep it</button>
                  <button class="primary" data-testid="sessions-end">End it</button></div>`}
          </form>` : nothing}
      </dialog>`;
  }

  async #ask(ending: Ending): Promise<void> {
    this.ending = ending;
    this.told = undefined;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    await this.#secret?.updateComplete;
    this.#secret?.focusField();
  }

  #close = () => this.querySelector('dialog')?.close();

  #closed = () => {
    this.ending = undefined;
    this.#clear();
  };

  #clear = () => {
    this.advice = undefined;
    this.refusal = undefined;
  };

  #submit = (event: Event) => {
    event.preventDefault();
    this.#clear();
    this.advice = this.#secret?.trouble;
    if (this.advice !== undefined) this.#secret?.focusField();
    else void this.#end();
  };

  async #end(): Promise<void> {
    const { ending } = this;
    const secret = this.#secret?.value;
    if (!ending || !secret) return;
    this.working = true;
    try {
      const before = this.sessions?.length ?? 0;
      await this.session.vault.endSessions(ending === 'others' ? { secret } : { secret, id: ending.id });
      this.#close();
      await this.load();
      this.told = `${plural(Math.max(1, before - (this.sessions?.length ?? 0)), 'session has', 'sessions have')} ended.`;
      this.querySelector<HTMLElement>('h2')?.focus();
    } catch (error) {
      this.refusal = atHome(failureOf(error));
      this.#secret?.clear();
    } finally {
      this.working = false;
      await this.updateComplete;
      if (this.refusal) this.#secret?.focusField();
    }
  }

  get #secret(): SecretField | null {
    return this.querySelector<SecretField>('sr-secret');
  }
}

customElements.define('sr-sessions', Sessions);
export type { Sessions };
