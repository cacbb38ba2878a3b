/** A storage that shows an older state than this browser has seen: what is gone, what is there, and a choice made on purpose. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Head, RollbackError } from 'strongroom';
import { remedy } from '../lib/remedy.ts';
import { moment } from '../lib/format.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

/** States shown of each kind: rarely more than one. */
const SHOWN = 5;

class Rollback extends View {
  static override properties = { error: { attribute: false }, open: { type: Boolean }, meant: { state: true } };
  declare error: RollbackError;
  /** The vault is open already. */
  declare open: boolean;
  /** It was said that the older state is known of. */
  declare meant: boolean;

  constructor() {
    super();
    this.meant = false;
    this.open = false;
  }

  protected override render(): TemplateResult {
    const { what, why, next } = remedy('rolled_back');
    const { lost, heads } = this.error;
    return html`
      <div class="stack rollback" data-testid="rollback">
        <h1 id="unlock-title" tabindex="-1" data-focus>${icon('alert')} ${what}</h1>
        <div role="alert"><p class="lead">${why}</p></div>
        <dl class="states">
          ${state('This browser has seen', 'rollback-lost', lost)}
          ${state('The storage shows now', 'rollback-head', heads)}
        </dl>
        <p class="hint">The four words stand for one state of the vault. Another browser that has this vault open shows its own under “How it is protected”: whoever
          has the words of the newer state still sees what is missing here.</p>
        <p><strong>What to do:</strong> <span data-testid="rollback-next">${next}</span></p>
        <details class="opens">
          <summary>${icon('key')}<span>${this.open ? 'Go on all the same' : 'Open it all the same'}</span></summary>
          <div>
            <p>What the storage has can still be restored. From then on this browser takes the older state for the true one, and no longer misses the newer.
              A backup into it goes on from the older state.</p>
            <label class="check"><input type="checkbox" data-testid="rollback-meant" .checked=${this.meant}
              @change=${(event: Event) => { this.meant = (event.target as HTMLInputElement).checked; }}> I know why the vault is older, or I accept it</label>
            <div class="buttons"><button type="button" data-testid="rollback-open" ?disabled=${!this.meant} @click=${() => this.say('sr-accept', undefined)}>${this.open ? 'Go on with the older state' : 'Open the older state'}</button></div>
          </div>
        </details>
        <div class="buttons"><button type="button" class="primary" data-testid="rollback-back" @click=${() => this.say('sr-decline', undefined)}>${this.open ? 'Lock the vault' : 'Leave it locked'}</button></div>
      </div>`;
  }
}

function state(name: string, testid: string, heads: Head[]): TemplateResult {
  return html`
    <div><dt>${name}</dt>${heads.length === 0 ? html`<dd>nothing</dd>` : nothing}${heads.slice(0, SHOWN).map(({ id, time, words }) => html`
      <dd data-testid=${testid} data-id=${id} data-value=${time}><time datetime=${new Date(time).toISOString()}>${moment(time)}</time> <span class="four" translate="no">${words}</span></dd>`)}</div>`;
}

customElements.define('sr-rollback', Rollback);
