/** What the vault's safety rests on here, as facts that open to say more. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Head, Snapshot } from 'strongroom';
import { duration, moment } from '../lib/format.ts';
import type { Session } from '../session.ts';
import { about, CLOCK_TOLERANCE, levelWords, type About } from '../storage.ts';
import { isOwn, placeOf, type Place } from '../place.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { WALLS } from './walls.ts';

class Trust extends View {
  static override properties = { session: { attribute: false }, told: { state: true }, heads: { state: true } };
  declare session: Session;
  /** Absent until the server has answered. */
  declare told: About | undefined;
  /** The newest states of the vault. */
  declare heads: Head[];
  /** For which snapshots they were read. */
  #read: Snapshot[] | undefined;

  constructor() {
    super();
    this.heads = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (isOwn(placeOf(this.session.vault)?.storage)) return;
    // A server that does not answer is said where it matters: in the list of snapshots.
    about().then((told) => { this.told = told; }, () => undefined);
  }

  protected override willUpdate(): void {
    const { snapshots } = this.session;
    if (!snapshots || snapshots === this.#read) return;
    this.#read = snapshots;
    this.session.vault.heads().then((heads) => { this.heads = heads; }, () => undefined);
  }

  protected override render(): TemplateResult {
    this.watch(this.session);
    const { isolation } = this.session.vault;
    const walls = WALLS[isolation];
    const place = placeOf(this.session.vault);
    return html`
      <section class="card trust" aria-labelledby="trust-title">
        <h2 id="trust-title">How it is protected</h2>
        <div>
          ${fact(icon(isolation === 'enforced' ? 'wall' : 'alert'), html`<span data-testid="isolation" data-isolation=${isolation}>${walls.short}</span>`, html`<p>${walls.long}</p>`)}
          ${isOwn(place?.storage) ? own(place) : this.told ? this.#storage(this.told) : nothing}
          ${fact(icon('key'), 'Only your secrets open it', html`<p>The key is random and was made in this browser. It is stored only sealed, once under the
            passphrase and once under the 24 words of the recovery kit. Without one of the two nobody can read anything, and nobody can give it back to you.</p>`)}
          ${this.heads.length > 0 ? this.#history(this.heads) : nothing}
        </div>
        ${this.told && Math.abs(this.told.ahead) > CLOCK_TOLERANCE ? this.#clock(this.told.ahead) : nothing}
      </section>`;
  }

  #storage({ level }: About): TemplateResult {
    const words = levelWords(level);
    return fact(icon('storage'), html`<span data-testid="storage-level" data-level=${level}>${words.short}</span>`,
      html`<p>${words.long}</p><p>This is what the server states: level <strong>${level}</strong>.</p>`);
  }

  #history(heads: Head[]): TemplateResult {
    return fact(icon('again'), 'A storage that is set back is noticed', html`
      <p>This browser remembers the newest state that it saw, and opens no older one unless you say so. A browser that has never seen this vault cannot notice: compare these
        words with those that another device shows here.</p>
      ${heads.map(({ time, words }) => html`<p data-testid="history-words" data-value=${time}><strong translate="no">${words}</strong>, ${moment(time)}</p>`)}`);
  }

  #clock(ahead: number): TemplateResult {
    return html`<p class="advice" role="status" data-testid="clock-wrong" data-value=${ahead}>This computer’s clock is ${duration(Math.abs(ahead))}
      ${ahead > 0 ? 'ahead of' : 'behind'} the server’s. Snapshots get wrong dates, and the storage may refuse what comes too late. Set the clock, then reload this page.</p>`;
  }
}

/** A bucket is believed as far as it was seen to refuse in this visit; a folder refuses nothing. */
function own(place: Place | undefined): TemplateResult {
  const level = place?.report?.level ?? 'tamper-evident';
  const words = levelWords(level);
  return fact(icon('storage'), html`<span data-testid="storage-level" data-level=${level}>${words.short}</span>`,
    html`<p>${words.long}</p><p>${place?.storage.kind === 'directory' ? 'The folder is on this computer, and whoever gets at it can change it' : place?.report ? 'This is what the bucket was seen to do with these keys'
      : 'The bucket is your own and was not checked in this visit; with keys that write, this much holds anywhere'}: level <strong>${level}</strong>.</p>`);
}

function fact(picture: TemplateResult, short: unknown, long: TemplateResult): TemplateResult {
  return html`<details class="opens"><summary>${picture}<span>${short}</span></summary><div>${long}</div></details>`;
}

customElements.define('sr-trust', Trust);
