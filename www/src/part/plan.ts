/** What will go, before anything does: it grows while the source is looked through, and follows what is left out. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Plan } from 'strongroom';
import type { BackupActivity } from '../activity.ts';
import { EVERYTHING, type Choice } from '../choice.ts';
import { failureOf } from '../failure.ts';
import { bytes, count, files, folders, sentence } from '../lib/format.ts';
import { missing, neededBy } from '../lib/room.ts';
import { patternsOf, PRESETS, type Preset } from '../lib/rules.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { facts, type Figure } from './fact.ts';
import './folders.ts';

/** After the last key, so that a half-typed pattern does nothing. */
const TYPED_MS = 300;

class PlanPanel extends View {
  static override properties = { session: { attribute: false }, activity: { attribute: false }, refused: { state: true } };
  declare session: Session;
  declare activity: BackupActivity;
  /** What is wrong with the rules. */
  declare refused: string;
  /** What was left out when the plan was first shown: fields are not written to while somebody types in them. */
  #first: Choice = EVERYTHING;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.refused = '';
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('activity')) this.#first = this.activity.choice;
  }

  protected override render(): TemplateResult {
    this.watch(this.activity);
    const { plan, choice, planned } = this.activity;
    const rules = length(choice);
    return html`
      <div class="plan" data-testid="plan" data-whole=${planned}>
        <p class="sum">
          <strong><span data-testid="plan-files" data-value=${plan.files}>${files(plan.files)}</span>,
          <span data-testid="plan-folders" data-value=${plan.folders}>${folders(plan.folders)}</span>,
          <span data-testid="plan-bytes" data-value=${plan.bytes}>${bytes(plan.bytes)}</span></strong>${planned ? '.' : ' so far.'}
          ${planned ? verdict(plan) : nothing}
        </p>
        ${facts(figures(plan, planned))}
        ${planned ? this.#room(plan) : nothing}
        ${plan.unreadable > 0 ? html`<p class="hint">What cannot be read is left out and named in the report.</p>` : nothing}
        <details class="opens" data-testid="plan-choose" ?open=${length(this.#first) > 0}>
          <summary>Leave some of it out${rules > 0 ? html` <span class="hint">(${count(rules)})</span>` : nothing}</summary>
          <div class="choose">${this.#choose(choice)}</div>
        </details>
      </div>`;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#typing);
  }

  #room(plan: Plan): TemplateResult | typeof nothing {
    const { quota } = this.activity;
    const over = missing(quota, neededBy(plan));
    if (quota?.limit === undefined || over === 0) return nothing;
    return html`<p class="advice" data-testid="plan-room" data-value=${over}>This may not fit: ${bytes(Math.max(0, quota.limit - quota.used))} of the ${bytes(quota.limit)} that this
      vault may use are left. What is in it already and what compresses takes less. Leave something out, or ask whoever runs the server for more room.</p>`;
  }

  #choose(choice: Choice): TemplateResult {
    return html`
      <sr-folders .activity=${this.activity} @sr-tick=${(event: CustomEvent<{ path: string; ticked: boolean }>) => this.#tick(event.detail)}></sr-folders>
      <fieldset class="presets">
        <legend>What can be made again</legend>
        ${Object.entries(PRESETS).map(([id, preset]) => html`
          <div><label class="check"><input type="checkbox" data-testid="rule-preset" data-preset=${id} .checked=${choice.presets.includes(id as Preset)}
            aria-describedby="preset-${id}" @change=${(event: Event) => this.#preset(id as Preset, (event.target as HTMLInputElement).checked)}>${preset.name}</label>
            <p class="hint" id="preset-${id}">${preset.hint}</p></div>`)}
      </fieldset>
      <div class="patterns">
        <div class="field">
          <label for="rules-leave">Leave out names like</label>
          <textarea id="rules-leave" data-testid="rules-leave" rows="2" spellcheck="false" autocapitalize="off" aria-describedby="rules-hint rules-refused"
            .value=${this.#first.leave.join('\n')} @input=${this.#typed} @change=${this.#enter}></textarea>
        </div>
        <div class="field">
          <label for="rules-only">Back up only names like</label>
          <textarea id="rules-only" data-testid="rules-only" rows="2" spellcheck="false" autocapitalize="off" aria-describedby="rules-hint rules-refused"
            .value=${this.#first.only.join('\n')} @input=${this.#typed} @change=${this.#enter}></textarea>
        </div>
      </div>
      <p class="hint" id="rules-hint">One a line, for instance <code>*.iso</code>, <code>Thumbs.db</code>, <code>build/</code> for folders, <code>/Photos/raw</code> for
        one path. It is remembered for this vault, in this browser.</p>
      <p class=${this.refused === '' ? 'unseen' : 'advice'} id="rules-refused" role="status" data-testid="rules-refused">${this.refused}</p>`;
  }

  #tick({ path, ticked }: { path: string; ticked: boolean }): void {
    const others = this.activity.choice.unticked.filter((other) => other !== path);
    void this.#apply({ ...this.activity.choice, unticked: ticked ? others : [...others, path] });
  }

  #preset(preset: Preset, chosen: boolean): void {
    const others = this.activity.choice.presets.filter((other) => other !== preset);
    void this.#apply({ ...this.activity.choice, presets: chosen ? [...others, preset] : others });
  }

  #typed = () => {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(this.#enter, TYPED_MS);
  };

  #enter = () => {
    clearTimeout(this.#typing);
    const of = (id: string) => patternsOf(this.find<HTMLTextAreaElement>(id)?.value ?? '');
    void this.#apply({ ...this.activity.choice, leave: of('rules-leave'), only: of('rules-only') });
  };

  async #apply(choice: Choice): Promise<void> {
    try {
      await this.session.choose(choice);
      this.refused = '';
    } catch (error) {
      this.refused = sentence(failureOf(error).message);
    }
  }
}

/** Of how many rules a choice is made. */
function length({ presets, leave, only, unticked }: Choice): number {
  return presets.length + leave.length + only.length + unticked.length;
}

function verdict(plan: Plan): string {
  const send = plan.newBytes + plan.changedBytes;
  return send === 0 && plan.newFiles + plan.changedFiles === 0
    ? 'Nothing has changed; a new snapshot is made all the same.'
    : `Up to ${bytes(send)} will be read; what the vault has already is not sent again.`;
}

function figures(plan: Plan, planned: boolean): Figure[] {
  const out = pair('excluded', 'Left out by you', plan.excludedFiles, plan.excludedBytes);
  const unreadable: Figure = { testid: 'plan-unreadable', name: 'Unreadable', value: plan.unreadable, text: count(plan.unreadable) };
  if (!planned) return [...(plan.excludedFiles > 0 ? [out] : []), ...(plan.unreadable > 0 ? [unreadable] : [])];
  return [
    pair('new', 'New', plan.newFiles, plan.newBytes),
    pair('changed', 'Changed', plan.changedFiles, plan.changedBytes),
    pair('unchanged', 'Unchanged', plan.unchangedFiles, plan.unchangedBytes),
    { testid: 'plan-removed', name: 'Removed since', value: plan.removedFiles, text: count(plan.removedFiles) },
    unreadable,
    ...(plan.excludedFiles > 0 ? [out] : []),
  ];
}

function pair(id: string, name: string, number: number, size: number): Figure {
  return {
    testid: `plan-${id}`, name, value: number, text: files(number),
    beside: { testid: `plan-${id}-bytes`, value: size, text: bytes(size) },
  };
}

customElements.define('sr-plan', PlanPanel);
