/** What no snapshot needs: what freeing it would give is shown first, then it is doomed, with the secret once more where a server asks for it. */

import { html, nothing, type TemplateResult } from 'lit';
import type { PruneReport } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { bytes, count, plural } from '../lib/format.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { facts } from './fact.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';
import type { SecretField } from './secret.ts';
import './secret.ts';

class PrunePanel extends View {
  static override properties = { session: { attribute: false }, plan: { state: true }, working: { state: true }, failure: { state: true }, asking: { state: true }, advice: { state: true } };
  declare session: Session;
  /** What a prune would do; absent until that is asked. */
  declare plan: PruneReport | undefined;
  declare working: boolean;
  declare failure: Failure | undefined;
  declare asking: boolean;
  declare advice: string | undefined;
  /** The snapshots for which the plan is. */
  #planned = '';
  #looking = new AbortController();

  constructor() {
    super();
    this.working = false;
    this.asking = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#looking.abort();
  }

  protected override render(): TemplateResult {
    this.watch(this.session);
    const plan = this.#planned === this.#snapshots ? this.plan : undefined;
    return html`
      <section class="card" data-testid="prune" aria-labelledby="prune-title">
        <h2 id="prune-title" tabindex="-1">Free space</h2>
        <p class="hint">A prune finds what no snapshot needs and marks it to be erased. It waits for days before it goes, and until then all of it can be called off. Back ups may run meanwhile.</p>
        ${problem(this.failure, { retry: () => void this.#look(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${this.working
          ? html`<p class="working" role="status"><span class="spinner"></span>Looking at what each snapshot needs. In a large vault that takes a while.</p>
              <div class="buttons"><button type="button" data-testid="prune-stop" @click=${() => this.#looking.abort()}>Stop looking</button></div>`
          : plan ? this.#plan(plan)
          : html`<div class="buttons"><button type="button" data-testid="prune-look" @click=${() => void this.#look()}>See what can be freed</button></div>`}
        ${this.#dialog()}
      </section>`;
  }

  #plan({ plan, pending }: PruneReport): TemplateResult {
    const due = pending.filter((one) => one.due !== undefined && one.due <= Date.now());
    const dueBytes = due.reduce((sum, one) => sum + one.bytes, 0);
    const needless = plan.packsNeedless + plan.packsRewritten + plan.nodes + plan.indexes > 0;
    return html`
      ${due.length > 0 ? html`<p class="outcome warn" data-testid="prune-due" data-value=${dueBytes}>${icon('clock')}<span>Its delay is over, and it is erased at once:
        ${bytes(dueBytes)}, unless a snapshot needs some of it again.</span></p>` : nothing}
      ${needless ? html`
        <p data-testid="prune-freed" data-value=${plan.bytesFreed}>Once its delay is over, <strong>${bytes(plan.bytesFreed)}</strong> more can be free.</p>
        ${facts([
          { testid: 'prune-snapshots', name: 'Forgotten snapshots that go', value: plan.snapshots, text: count(plan.snapshots) },
          { testid: 'prune-needless', name: 'Packs that nothing needs', value: plan.packsNeedless, text: count(plan.packsNeedless) },
          { testid: 'prune-rewritten', name: 'Packs of which little is needed', value: plan.packsRewritten, text: count(plan.packsRewritten) },
          { testid: 'prune-copied', name: 'Of these, stored anew', value: plan.bytesCopied, text: bytes(plan.bytesCopied) },
          { testid: 'prune-kept', name: 'Packs that stay', value: plan.packsKept, text: count(plan.packsKept) },
        ])}` : html`<p class="outcome good" data-testid="prune-nothing">${icon('done')}<span>Nothing is needless now${due.length > 0 ? ' beside that' : ''}: everything stored is needed, or marked already.</span></p>`}
      ${needless || due.length > 0
        ? html`<div class="buttons"><button type="button" class="primary" data-testid="prune-open" @click=${this.#ask}>Prune…</button>
            <button type="button" class="quiet" data-testid="prune-leave" @click=${() => { this.plan = undefined; }}>Leave it</button></div>` : nothing}`;
  }

  #dialog(): TemplateResult {
    const { vault } = this.session;
    const due = this.plan?.pending.filter((one) => one.due !== undefined && one.due <= Date.now()).length ?? 0;
    return html`
      <dialog data-testid="prune-dialog" aria-labelledby="prune-ask" @close=${() => { this.asking = false; this.advice = undefined; }}>
        <h2 id="prune-ask">Prune the vault?</h2>
        <p>No snapshot that is on the list loses anything. ${due > 0 ? `What waited long enough is erased for good: ${plural(due, 'erasure', 'erasures')}.` : 'Nothing is erased today.'}</p>
        ${this.asking ? html`
          <form novalidate @submit=${this.#submit} @sr-edited=${() => { this.advice = undefined; }}>
            ${vault.atServer ? html`<p class="hint">The server erases nothing without your secret, typed once more: a session that somebody stole is not enough.</p>
              <fieldset class="plain"><sr-secret .name=${'prune'} .vault=${vault.name}></sr-secret></fieldset>` : nothing}
            ${this.advice ? html`<p class="advice" role="alert">${this.advice}</p>` : nothing}
            <div class="buttons end"><button type="button" class="quiet" data-testid="prune-keep" @click=${this.#close}>Not now</button>
              <button class="primary" data-testid="prune-go">Prune</button></div>
          </form>` : nothing}
      </dialog>`;
  }

  async #look(): Promise<void> {
    const { signal } = (this.#looking = new AbortController());
    this.working = true;
    this.failure = undefined;
    try {
      // Once more if the snapshots change meanwhile.
      do {
        this.#planned = this.#snapshots;
        this.plan = await this.session.vault.prune({ preview: true, signal }).done;
      } while (this.#planned !== this.#snapshots);
    } catch (error) {
      if (!signal.aborted) this.failure = failureOf(error);
    } finally {
      this.working = false;
    }
  }

  #ask = async () => {
    this.asking = true;
    await this.updateComplete;
    this.querySelector('dialog')?.showModal();
    await this.#secret?.updateComplete;
    this.#secret?.focusField();
  };

  #close = () => this.querySelector('dialog')?.close();

  #submit = (event: Event) => {
    event.preventDefault();
    const field = this.#secret;
    this.advice = field?.trouble;
    if (this.advice !== undefined) return field?.focusField();
    const secret = field?.value;
    this.#close();
    this.plan = undefined;
    this.session.prune(secret);
  };

  get #snapshots(): string {
    return (this.session.snapshots ?? []).map(({ id }) => id).join(' ');
  }

  get #secret(): SecretField | null {
    return this.querySelector<SecretField>('sr-secret');
  }
}

customElements.define('sr-prune', PrunePanel);
