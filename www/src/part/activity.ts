/** The panel of what is going on: plan, progress, report, or what went wrong. */

import { html, nothing, type TemplateResult } from 'lit';
import type { Activity, BackupActivity, Phase } from '../activity.ts';
import type { Session } from '../session.ts';
import { visible } from '../lib/path.ts';
import { reportName, reportText } from '../lib/report.ts';
import { saveText } from '../lib/save.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';
import { progress } from './progress.ts';
import { report } from './report.ts';
import { atHome } from './secret.ts';
import { openSnapshot } from './snapshots.ts';
import { spoken } from './spoken.ts';
import './lists.ts';
import './plan.ts';

/** How often figures are read out; changes of stage are read out at once. */
const SPEAK_EVERY = 20_000;

class ActivityPanel extends View {
  static override properties = { session: { attribute: false }, reports: { attribute: false } };
  declare session: Session;
  /** Whose report is shown here once it has ended; what runs is shown everywhere. */
  declare reports: Activity['kind'][];
  #said = { text: '', at: 0, key: '' };
  #phase: Phase | undefined;

  protected override render(): TemplateResult {
    this.watch(this.session);
    const activity = this.#shown;
    return html`
      ${activity ? this.#panel(activity) : nothing}
      <p class="unseen" role="status">${activity ? this.#speak(activity) : nothing}</p>`;
  }

  protected override updated(): void {
    const phase = this.#shown?.phase;
    const before = this.#phase;
    if (phase === before) return;
    this.#phase = phase;
    if (before === undefined) this.querySelector('section')?.scrollIntoView({ block: 'nearest' });
    // Buttons go away with their phase: a focus that went with them goes to the panel, and one elsewhere stays.
    if (document.activeElement !== document.body) return;
    const heading = this.querySelector<HTMLElement>('h2') ?? this.closest('main')?.querySelector<HTMLElement>('h1');
    heading?.focus({ preventScroll: true });
  }

  get #shown(): Activity | undefined {
    const { activity } = this.session;
    return activity && (activity.active || this.reports.includes(activity.kind)) ? activity : undefined;
  }

  #panel(activity: Activity): TemplateResult {
    return html`
      <section class="card activity" data-testid="activity" data-kind=${activity.kind} data-phase=${activity.phase} aria-labelledby="activity-title">
        <h2 id="activity-title" tabindex="-1">${title(activity)}</h2>
        ${activity.kind === 'backup' && activity.note ? html`<p class="hint" data-testid="source-note">${activity.note}</p>` : nothing}
        ${this.#content(activity)}
      </section>`;
  }

  #content(activity: Activity): unknown {
    switch (activity.phase) {
      case 'walking':
      case 'planned': return activity.kind === 'backup' ? html`
        ${activity.phase === 'walking' ? progress(activity) : nothing}
        <sr-plan .session=${this.session} .activity=${activity}></sr-plan>
        ${row(html`
          <button type="button" class="primary" data-testid="backup-now" @click=${() => activity.proceed()}>Back up now</button>
          <button type="button" data-testid="backup-cancel" @click=${() => this.#dismissPlan(activity)}>Cancel</button>
          ${activity.phase === 'walking' ? html`<span class="hint">You need not wait for the plan.</span>` : nothing}`)}` : nothing;
      case 'running': return [progress(activity), row(html`
        ${activity.paused
          ? html`<button type="button" class="primary" data-testid="run-resume" @click=${() => activity.resume()}>Resume</button>`
          : html`<button type="button" data-testid="run-pause" @click=${() => activity.pause()}>Pause</button>`}
        <button type="button" data-testid="run-cancel" @click=${() => activity.cancel()}>Cancel</button>`), keepOpen(activity),
        activity.kind === 'backup' ? html`<sr-lists .activity=${activity}></sr-lists>` : nothing];
      case 'done': return [report(activity), this.#close(activity.kind === 'backup' ? [this.#browse(activity), retry(activity), keep(activity)] : nothing)];
      case 'cancelled': return [html`<p>${cancelled(activity)}</p>`, this.#close()];
      case 'failed': return [
        problem(activity.kind === 'prune' && activity.failure ? atHome(activity.failure) : activity.failure, { retry: activity.again, unlock: () => this.say('sr-lock', 'Your session has ended.') }),
        activity.kind === 'backup' ? html`<p class="hint">What is stored is not sent twice: the next try goes on from there, here or in another browser.</p>` : nothing,
        this.#close()];
    }
  }

  #browse(activity: BackupActivity): TemplateResult | typeof nothing {
    const snapshot = this.session.snapshots?.find(({ id }) => id === activity.report?.snapshot);
    return snapshot
      ? html`<button type="button" data-testid="report-open" @click=${() => openSnapshot(this, snapshot)}>Browse this snapshot</button>`
      : nothing;
  }

  #close(before: unknown = nothing): TemplateResult {
    return row(html`${before}<button type="button" class="quiet" data-testid="activity-close" @click=${() => this.session.clear()}>Close</button>`);
  }

  /** A plan that is declined needs no report. */
  #dismissPlan(activity: Activity): void {
    activity.cancel();
    this.session.clear();
  }

  #speak(activity: Activity): string {
    const key = `${activity.phase} ${activity.progress.stage} ${activity.paused}`;
    const now = Date.now();
    if (key !== this.#said.key || now - this.#said.at >= SPEAK_EVERY) this.#said = { text: spoken(activity), at: now, key };
    return this.#said.text;
  }
}

function row(buttons: TemplateResult): TemplateResult {
  return html`<div class="buttons">${buttons}</div>`;
}

function title(activity: Activity): string {
  switch (activity.kind) {
    case 'backup': {
      const what = activity.label === '' ? 'Back up' : `Back up: ${visible(activity.label)}`;
      return activity.phase === 'planned' || activity.phase === 'walking' ? `What will go: ${visible(activity.label)}` : what;
    }
    case 'restore': return `Restore: ${activity.what}`;
    case 'verify': return activity.data ? 'Verify all data' : 'Verify the structure';
    case 'prune': return 'Prune';
  }
}

function keepOpen(activity: Activity): TemplateResult {
  const rest = activity.kind === 'backup' ? ' If it is closed, back up the same again: what is stored is not sent twice.' : '';
  const awake = activity.awake ? ' The screen stays on for as long as this tab is in front.' : '';
  return html`<p class="hint" data-testid="keep-open" data-awake=${activity.awake}>Keep this tab open until it is done.${awake}${rest}</p>`;
}

/** Once more: what is stored is not read again, so only what was left out is. */
function retry(activity: BackupActivity): TemplateResult | typeof nothing {
  if (!activity.again || !activity.report?.leftCount) return nothing;
  return html`<button type="button" data-testid="report-retry" @click=${activity.again}>${icon('again')}Try what was left out again</button>`;
}

function keep(activity: BackupActivity): TemplateResult | typeof nothing {
  const { report: made } = activity;
  if (!made) return nothing;
  return html`<button type="button" data-testid="report-keep" @click=${() => saveText(reportName(made), reportText(made, activity.label))}>${icon('download')}Keep this report</button>`;
}

function cancelled(activity: Activity): string {
  switch (activity.kind) {
    case 'backup': return 'Cancelled. What is stored stays stored: back up the same again, and only the rest is sent.';
    case 'restore': return 'Cancelled. Files that were written whole stay; restore into the same folder again, and only the rest is fetched.';
    case 'verify': return 'Cancelled. Nothing in the vault has changed.';
    case 'prune': return 'Cancelled. Nothing more is erased; what was stored anew stays until the next prune.';
  }
}

customElements.define('sr-activity', ActivityPanel);
