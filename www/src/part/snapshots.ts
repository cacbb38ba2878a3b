/** The vault's snapshots, newest first. */

import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot } from 'strongroom';
import { ago, bytes, count, files, moment } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import type { Route } from '../route.ts';
import type { Session } from '../session.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';
import { problem } from './problem.ts';

/** Rows drawn at first, and more with each press: a vault may have thousands. */
const PAGE = 50;

class Snapshots extends View {
  static override properties = { session: { attribute: false }, shown: { state: true } };
  declare session: Session;
  declare shown: number;

  constructor() {
    super();
    this.shown = PAGE;
  }

  protected override render(): TemplateResult {
    this.watch(this.session);
    const { snapshots, failure } = this.session;
    return html`
      <section class="card" aria-labelledby="snapshots-title">
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
    return [
      html`<ul class="rows" data-testid="snapshots" data-value=${snapshots.length}>${repeat(snapshots.slice(0, this.shown), ({ id }) => id, (snapshot) => row(snapshot, now))}</ul>`,
      snapshots.length > this.shown
        ? html`<div class="buttons"><button type="button" data-testid="snapshots-more" @click=${() => { this.shown += PAGE; }}>Show older</button></div>`
        : nothing,
    ];
  }
}

function row(snapshot: Snapshot, now: number): TemplateResult {
  return html`
    <li data-testid="snapshot" data-id=${snapshot.id} data-label=${snapshot.label} data-time=${snapshot.time} data-files=${snapshot.files}
      data-bytes=${snapshot.bytes} data-left=${snapshot.left}>
      <button type="button" class="row" data-testid="snapshot-open" @click=${(event: Event) => openSnapshot(event.currentTarget as HTMLElement, snapshot)}>
        ${icon('clock')}
        <span class="grow">
          <bdi class="name">${snapshot.label === '' ? 'No label' : visible(snapshot.label)}</bdi>
          <span class="hint">${moment(snapshot.time)}<span class="wide"> · ${ago(snapshot.time, now)}</span></span>
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
