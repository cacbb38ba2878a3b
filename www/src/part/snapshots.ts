/** The vault's snapshots, newest first, day by day. */

import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot } from 'strongroom';
import { ago, bytes, count, day, files, hour } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import type { Route } from '../route.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

/** Rows drawn at first, and more with each press: a vault may have thousands. */
const PAGE = 50;
const DAY = 86_400_000;

class Snapshots extends View {
  static override properties = { session: { attribute: false }, shown: { state: true }, label: { state: true } };
  declare session: Session;
  declare shown: number;
  /** The label whose snapshots are shown; all while there is none. */
  declare label: string | undefined;

  constructor() {
    super();
    this.shown = PAGE;
  }

  protected override render(): TemplateResult {
    this.watch(this.session);
    const { snapshots, failure } = this.session;
    return html`
      <section class="card" aria-labelledby="snapshots-title" aria-busy=${this.session.reading} data-testid="snapshots-card">
        <div class="title-row">
          <h2 id="snapshots-title">Snapshots</h2>
          <button type="button" class="quiet" data-testid="snapshots-reload" @click=${() => void this.session.reload()}>Reload</button>
        </div>
        ${problem(failure, { retry: () => void this.session.reload(), unlock: () => this.say('sr-lock', 'Your session has ended.') })}
        ${snapshots ? this.#list(snapshots) : failure ? nothing : html`<p class="hint" role="status">Reading the list…</p>`}
      </section>`;
  }

  #list(snapshots: Snapshot[]): unknown {
    if (snapshots.length === 0) {
      return html`<p class="hint" data-testid="snapshots-empty">None yet. The first back up makes the first snapshot.</p>`;
    }
    const now = Date.now();
    const labels = [...new Set(snapshots.map(({ label }) => label))];
    const chosen = this.label !== undefined && labels.includes(this.label) ? snapshots.filter(({ label }) => label === this.label) : snapshots;
    return [
      labels.length > 1 ? this.#labels(labels) : nothing,
      html`<div class="days" data-testid="snapshots" data-value=${snapshots.length}>${repeat(days(chosen.slice(0, this.shown)), ({ name }) => name, ({ name, all }) => html`
        <section><h3>${name === day(now) ? 'Today' : name === day(now - DAY) ? 'Yesterday' : name}</h3>
          <ol class="past">${repeat(all, ({ id }) => id, (snapshot) => row(snapshot, now))}</ol></section>`)}</div>`,
      chosen.length > this.shown
        ? html`<div class="buttons"><button type="button" data-testid="snapshots-more" @click=${() => { this.shown += PAGE; }}>Show older</button></div>`
        : nothing,
    ];
  }

  /** Which back ups are shown, where there are several of different things. */
  #labels(labels: string[]): TemplateResult {
    return html`
      <label class="field"><span class="unseen">Show the snapshots of</span>
        <select data-testid="snapshots-label" @change=${this.#choose}>
          <option value="" ?selected=${this.label === undefined}>Everything that was backed up</option>
          ${labels.map((label, index) => html`<option value=${index + 1} ?selected=${label === this.label}>${label === '' ? 'No label' : visible(label)}</option>`)}
        </select></label>`;
  }

  #choose = (event: Event) => {
    const labels = [...new Set((this.session.snapshots ?? []).map(({ label }) => label))];
    this.label = labels[Number((event.target as HTMLSelectElement).value) - 1];
    this.shown = PAGE;
  };
}

/** Snapshots by day, as they come. */
function days(snapshots: Snapshot[]): { name: string; all: Snapshot[] }[] {
  const found: { name: string; all: Snapshot[] }[] = [];
  for (const snapshot of snapshots) {
    const name = day(snapshot.time);
    const last = found.at(-1);
    if (last?.name === name) last.all.push(snapshot);
    else found.push({ name, all: [snapshot] });
  }
  return found;
}

function row(snapshot: Snapshot, now: number): TemplateResult {
  return html`
    <li data-testid="snapshot" data-id=${snapshot.id} data-label=${snapshot.label} data-time=${snapshot.time} data-files=${snapshot.files}
      data-bytes=${snapshot.bytes} data-left=${snapshot.left}>
      <button type="button" class="past-row" data-testid="snapshot-open" @click=${(event: Event) => openSnapshot(event.currentTarget as HTMLElement, snapshot)}>
        <span class="dot"></span>
        <span class="grow">
          <bdi class="name">${snapshot.label === '' ? 'No label' : visible(snapshot.label)}</bdi>
          <span class="hint">${hour(snapshot.time)}<span class="wide"> · ${ago(snapshot.time, now)}</span></span>
        </span>
        <span class="figures">
          <span>${bytes(snapshot.bytes)}</span>
          <span class="hint">${files(snapshot.files)}${snapshot.left > 0 ? `, ${count(snapshot.left)} left out` : ''}</span>
        </span>
        ${icon('next')}
      </button>
    </li>`;
}

/** Asks the page to open a snapshot at its root. */
export function openSnapshot(from: HTMLElement, snapshot: Snapshot): void {
  const route: Route = { screen: 'snapshot', snapshot, path: '' };
  from.dispatchEvent(new CustomEvent('sr-go', { detail: route, bubbles: true, composed: true }));
}

customElements.define('sr-snapshots', Snapshots);
