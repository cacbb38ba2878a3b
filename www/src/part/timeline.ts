/** The snapshots of one label on a line, oldest first, to step through time in the same folder. */

import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Snapshot } from 'strongroom';
import { day, hour, moment, plural } from '../lib/format.ts';
import { View } from '../view.ts';
import { icon } from './icon.ts';

/** Stops drawn on either side of the one that is open: a vault may have thousands. */
const BESIDE = 60;

class TimeLine extends View {
  static override properties = { snapshots: { attribute: false }, open: { attribute: false }, reached: { state: true } };
  /** Newest first. */
  declare snapshots: Snapshot[];
  /** The one that is open. */
  declare open: Snapshot;
  /** The id of the stop that the keyboard is at, where it is not the open one. */
  declare reached: string | undefined;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('open')) this.reached = undefined;
  }

  protected override render(): TemplateResult | typeof nothing {
    const line = this.#line();
    if (line.length < 2) return nothing;
    const at = line.findIndex(({ id }) => id === this.open.id);
    if (at < 0) return nothing;
    const from = Math.max(0, at - BESIDE);
    return html`
      <nav class="timeline" aria-label="Time line: ${plural(line.length, 'snapshot', 'snapshots')}" data-testid="timeline" data-value=${line.length}>
        ${this.#step('older', 'back', line[at - 1])}
        <ol class="line" @keydown=${this.#key}>
          ${repeat(line.slice(from, at + BESIDE + 1), ({ id }) => id, (snapshot, index) => this.#stop(snapshot, line[from + index - 1]))}
        </ol>
        ${this.#step('newer', 'next', line[at + 1])}
      </nav>`;
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('open') && !changed.has('snapshots')) return;
    // Only the line moves, not the page.
    const stop = this.querySelector<HTMLElement>('[aria-current="true"]');
    const line = this.querySelector<HTMLElement>('.line');
    if (stop && line) line.scrollLeft = stop.offsetLeft - (line.clientWidth - stop.offsetWidth) / 2;
  }

  /** Oldest first, all of the same label. */
  #line(): Snapshot[] {
    return this.snapshots.filter(({ label }) => label === this.open.label).reverse();
  }

  #stop(snapshot: Snapshot, before: Snapshot | undefined): TemplateResult {
    const current = snapshot.id === this.open.id;
    const reach = snapshot.id === (this.reached ?? this.open.id);
    const newDay = !before || day(before.time) !== day(snapshot.time);
    return html`
      <li><button type="button" class="stop" data-testid="timeline-stop" data-id=${snapshot.id} aria-current=${current ? 'true' : 'false'} tabindex=${reach ? 0 : -1}
        aria-label=${moment(snapshot.time)} @click=${() => this.#choose(snapshot)}>
        <span class="dot"></span><span class="day">${newDay || current ? day(snapshot.time) : ''}</span><span class="hint">${hour(snapshot.time)}</span></button></li>`;
  }

  #step(name: 'older' | 'newer', picture: 'back' | 'next', to: Snapshot | undefined): TemplateResult {
    return html`<button type="button" class="step" data-testid="timeline-${name}" ?disabled=${!to} aria-label=${name === 'older' ? 'Older snapshot' : 'Newer snapshot'}
      @click=${() => to && this.#choose(to)}>${icon(picture)}</button>`;
  }

  #choose(snapshot: Snapshot): void {
    if (snapshot.id !== this.open.id) this.say('sr-travel', snapshot);
  }

  #key = (event: KeyboardEvent) => {
    const stops = [...this.querySelectorAll<HTMLElement>('.stop')];
    const at = stops.indexOf(event.target as HTMLElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: stops.length - 1 }[event.key];
    const stop = to === undefined ? undefined : stops[to];
    if (!stop) return;
    event.preventDefault();
    this.reached = stop.dataset['id'];
    stop.focus();
  };
}

customElements.define('sr-timeline', TimeLine);
