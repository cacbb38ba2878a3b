/** What is to be erased, from when on, and the way to call it off. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Erasure } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { bytes, moment, plural } from '../lib/format.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

class Erasures extends View {
  static override properties = { session: { attribute: false }, working: { state: true }, failure: { state: true }, told: { state: true } };
  declare session: Session;
  /** The one that is being called off. */
  declare working: string | undefined;
  declare failure: Failure | undefined;
  declare told: string | undefined;

  protected override render(): TemplateResult {
    this.watch(this.session);
    const { erasures } = this.session;
    return html`
      <section class="card" aria-labelledby="erasures-title">
        <div class="title-row">
          <h2 id="erasures-title" tabindex="-1">To be erased</h2>
          <button type="button" class="quiet" data-testid="erasures-reload" @click=${() => void this.session.reload()}>Reload</button>
        </div>
        ${problem(this.failure ?? this.session.failure, { retry: () => void this.session.reload(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${erasures === undefined ? this.session.failure ? nothing : html`<p class="hint" role="status">Asking what is marked…</p>`
          : erasures.length === 0 ? html`<p class="hint" data-testid="erasures-empty">Nothing. What a prune marks is listed here until it is gone.</p>`
          : html`<p class="hint">If you did not ask for this, call it off and change the passphrase.</p>
              <ul class="sessions" data-testid="erasures" data-value=${erasures.length}>${erasures.map((one) => this.#row(one))}</ul>`}
        <p role="status" class=${this.told ? 'notice' : 'unseen'} data-testid="erasures-told">${this.told ? html`${icon('done')}<span>${this.told}</span>` : nothing}</p>
      </section>`;
  }

  #row(one: Erasure): TemplateResult {
    const back = one.snapshots === 0 ? '' : ` · ${plural(one.snapshots, 'forgotten snapshot', 'forgotten snapshots')}`;
    return html`
      <li data-testid="erasure" data-id=${one.id} data-due=${one.due ?? ''} data-bytes=${one.bytes} data-snapshots=${one.snapshots}>
        ${icon('clock')}
        <span><strong>${when(one, Date.now())}</strong>
          <span class="hint">${bytes(one.bytes)}${back} · ${plural(one.objects, 'object', 'objects')}${one.made === undefined ? '' : ` · pruned ${moment(one.made)}`}</span></span>
        <button type="button" data-testid="erasure-cancel" ?disabled=${this.working !== undefined} aria-label="Call off: ${when(one, Date.now())}" @click=${() => void this.#cancel(one)}>
          ${this.working === one.id ? 'Calling off…' : 'Call off'}</button>
      </li>`;
  }

  async #cancel(one: Erasure): Promise<void> {
    this.working = one.id;
    this.told = undefined;
    this.failure = undefined;
    try {
      await this.session.cancelErasure(one.id);
      this.told = `It is called off${one.snapshots === 0 ? '' : `, and ${plural(one.snapshots, 'snapshot is', 'snapshots are')} back on the list`}.`;
      await this.updateComplete;
      this.querySelector<HTMLElement>('h2')?.focus();
    } catch (error) {
      this.failure = failureOf(error);
    } finally {
      this.working = undefined;
    }
  }
}

/** From when on it can be erased. */
export function when({ due }: Erasure, now: number): string {
  if (due === undefined) return 'Not marked at the server yet: the next prune does that';
  return due <= now ? 'From now on: the next prune erases it' : `From ${moment(due)} on`;
}

customElements.define('sr-erasures', Erasures);
