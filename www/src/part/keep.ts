/** Which snapshots to keep: a way is chosen, what it would forget is shown by name, and only then it is done. */

import { html, nothing, type TemplateResult } from 'lit';
import type { ForgetReport, KeepRules, Snapshot } from 'strongroom';
import { failureOf, type Failure } from '../failure.ts';
import { bytes, count, moment, plural } from '../lib/format.ts';
import { emptied, going, NUMBERS, reasons, rulesOf, THIN, typedNumber, type Numbers, type Way } from '../lib/keep.ts';
import { visible } from '../lib/path.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

const WAYS: Record<Way, string> = { thin: 'Fewer with age', newest: 'Only the newest', own: 'My own rules' };
const NAMES: Record<keyof Numbers, string> = {
  last: 'The newest', within: 'All of the last days', hourly: 'Hours', daily: 'Days', weekly: 'Weeks', monthly: 'Months', yearly: 'Years',
};
const FEW = '3';

class Keep extends View {
  static override properties = {
    session: { attribute: false }, way: { state: true }, report: { state: true }, freed: { state: true }, working: { state: true }, sure: { state: true },
    advice: { state: true }, failure: { state: true }, told: { state: true },
  };
  declare session: Session;
  declare way: Way;
  /** What the way would forget; absent until that is asked. */
  declare report: ForgetReport | undefined;
  /** What a prune would free then, bytes; absent until that is known. */
  declare freed: number | undefined;
  declare working: boolean;
  /** It is known that a label loses everything. */
  declare sure: boolean;
  declare advice: string | undefined;
  declare failure: Failure | undefined;
  declare told: string | undefined;
  #looking = new AbortController();

  constructor() {
    super();
    this.way = 'thin';
    this.working = false;
    this.sure = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#looking.abort();
  }

  protected override render(): TemplateResult {
    return html`
      <section class="card" data-testid="keep" aria-labelledby="keep-title">
        <h2 id="keep-title" tabindex="-1">Which snapshots to keep</h2>
        <p class="hint">Nothing goes by itself: every snapshot stays until you say otherwise. What you back up under different labels is counted separately.</p>
        <form novalidate @submit=${this.#show} @input=${this.#edited}>
          <fieldset class="ways"><legend class="unseen">Keep</legend>${Object.entries(WAYS).map(([way, text]) => html`
            <label><input type="radio" name="keep-way" data-testid="keep-${way}" .checked=${this.way === way} @change=${() => { this.way = way as Way; }}>${text}</label>`)}</fieldset>
          ${this.#way()}
          ${this.advice ? html`<p class="advice" role="alert" data-testid="keep-advice">${this.advice}</p>` : nothing}
          <div class="buttons"><button data-testid="keep-show" ?disabled=${this.working}>Show what would go</button></div>
        </form>
        ${problem(this.failure, { retry: () => void this.#look(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${this.working ? html`<p class="working" role="status"><span class="spinner"></span>Looking at the snapshots…</p>` : nothing}
        ${this.report ? this.#preview(this.report) : nothing}
        <p role="status" class=${this.told ? 'notice' : 'unseen'} data-testid="keep-told">${this.told ? html`${icon('done')}<span>${this.told}</span>` : nothing}</p>
      </section>`;
  }

  #way(): TemplateResult {
    switch (this.way) {
      case 'thin': return html`<p class="hint">Every snapshot of the last 7 days, then one a day for a month, one a month for a year, and one a year after that. The newest always stays.</p>`;
      case 'newest': return html`<div class="numbers">${this.#number('last', 'How many', FEW)}</div><p class="hint">So many of the newest stay of each label.</p>`;
      case 'own': return html`
        <div class="numbers">${NUMBERS.map((id) => this.#number(id, NAMES[id], ''))}</div>
        <p class="hint">One snapshot stays for each of so many hours, days, weeks, months and years that have any: the newest. A snapshot that one rule keeps stays.</p>`;
    }
  }

  #number(id: keyof Numbers, name: string, value: string): TemplateResult {
    return html`
      <div class="field"><label for="keep-number-${id}">${name}</label>
        <input id="keep-number-${id}" data-testid="keep-number-${id}" type="text" inputmode="numeric" maxlength="5" autocomplete="off" value=${value} placeholder="0"></div>`;
  }

  #preview({ snapshots }: ForgetReport): TemplateResult {
    const gone = going(snapshots);
    const lost = emptied(snapshots);
    const all = snapshots.length;
    if (gone.length === 0) return html`<p class="outcome good" data-testid="keep-verdict" data-value="0" data-total=${all}>${icon('done')}<span>Nothing would go: ${all === 1 ? 'the snapshot stays' : `all ${count(all)} snapshots stay`}.</span></p>`;
    return html`
      <p class="outcome warn" data-testid="keep-verdict" data-value=${gone.length} data-total=${all}>${icon('alert')}<span>${count(gone.length)} of ${plural(all, 'snapshot', 'snapshots')} would go, ${count(all - gone.length)} would stay.
        ${this.freed === undefined ? html`What that frees is being worked out…` : html`Pruning after that frees <strong data-testid="keep-freed" data-value=${this.freed}>${bytes(this.freed)}</strong>.`}</span></p>
      ${list('keep-going', 'What would go', gone.map((snapshot) => ({ snapshot, why: '' })), true)}
      ${list('keep-staying', 'What would stay', snapshots.filter(({ kept }) => kept.length > 0).map(({ snapshot, kept }) => ({ snapshot, why: reasons(kept) })), false)}
      ${lost.length > 0 ? html`
        <div class="advice"><p data-testid="keep-emptied">${gone.length === all
          ? 'Nothing at all would be left in this vault.'
          : `Nothing would be left of ${lost.map((label) => (label === '' ? 'what has no label' : `“${visible(label)}”`)).join(', ')}.`}</p>
          <label class="check"><input type="checkbox" data-testid="keep-sure" .checked=${this.sure} @change=${(event: Event) => { this.sure = (event.target as HTMLInputElement).checked; }}>I know, and want that</label></div>` : nothing}
      <p class="hint">They leave the list at once. Their space is freed by a prune, after its delay; until then calling that off brings them back.</p>
      <div class="buttons"><button type="button" class="primary" data-testid="keep-forget" ?disabled=${this.working || (lost.length > 0 && !this.sure)} @click=${() => void this.#forget(gone)}>
        Forget ${plural(gone.length, 'snapshot', 'snapshots')}</button>
        <button type="button" class="quiet" data-testid="keep-cancel" @click=${this.#edited}>Keep them</button></div>`;
  }

  /** What was shown is not what would be done any more. */
  #edited = () => {
    this.#looking.abort();
    this.report = undefined;
    this.advice = undefined;
    this.failure = undefined;
    this.told = undefined;
    this.sure = false;
  };

  #show = (event: Event) => {
    event.preventDefault();
    this.#edited();
    void this.#look();
  };

  #rules(): KeepRules | undefined {
    if (this.way === 'thin') return THIN;
    const numbers: Numbers = {};
    for (const id of NUMBERS) {
      const field = this.find<HTMLInputElement>(`keep-number-${id}`);
      if (!field) continue;
      const number = typedNumber(field.value);
      if (number === undefined) {
        this.advice = `${this.way === 'own' ? NAMES[id] : 'How many'}: type a whole number.`;
        field.focus();
        return undefined;
      }
      numbers[id] = number;
    }
    const rules = rulesOf(numbers);
    if (!rules) this.advice = 'These rules keep nothing. Give at least one number above 0.';
    return rules;
  }

  async #look(): Promise<void> {
    const rules = this.#rules();
    if (!rules) return;
    this.failure = undefined;
    const { signal } = (this.#looking = new AbortController());
    this.working = true;
    this.freed = undefined;
    try {
      this.report = await this.session.vault.forget(rules, { preview: true, signal });
    } catch (error) {
      if (!signal.aborted) this.failure = failureOf(error);
    } finally {
      this.working = false;
    }
    const gone = this.report ? going(this.report.snapshots) : [];
    if (gone.length === 0 || signal.aborted) return;
    try {
      const { plan } = await this.session.vault.prune({ preview: true, without: gone.map(({ id }) => id), signal }).done;
      if (!signal.aborted) this.freed = plan.bytesFreed;
    } catch (error) {
      if (!signal.aborted) this.failure = failureOf(error);
    }
  }

  /** By name: what is forgotten is what was shown. */
  async #forget(gone: Snapshot[]): Promise<void> {
    this.#looking.abort();
    this.working = true;
    try {
      await this.session.forget(gone.map(({ id }) => id));
      this.#edited();
      this.told = `${plural(gone.length, 'snapshot is', 'snapshots are')} forgotten. A prune frees what nothing else needs.`;
      await this.updateComplete;
      this.querySelector<HTMLElement>('h2')?.focus();
    } catch (error) {
      this.failure = failureOf(error);
    } finally {
      this.working = false;
    }
  }
}

function list(id: string, name: string, rows: { snapshot: Snapshot; why: string }[], open: boolean): TemplateResult | typeof nothing {
  if (rows.length === 0) return nothing;
  return html`
    <details class="left" ?open=${open}>
      <summary><span data-testid=${id} data-value=${rows.length}>${name}: ${count(rows.length)}</span></summary>
      <ul tabindex="0" aria-label=${name}>${rows.map(({ snapshot, why }) => html`
        <li data-testid="${id}-snapshot" data-id=${snapshot.id}><bdi>${snapshot.label === '' ? 'No label' : visible(snapshot.label)}</bdi>
          <span class="hint">${moment(snapshot.time)} · ${bytes(snapshot.bytes)}${why === '' ? '' : ` · ${why}`}</span></li>`)}</ul>
    </details>`;
}

customElements.define('sr-keep', Keep);
