/** The top of the vault: how old the last good backup is, what is protected, and what it takes. */

import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Snapshot, Usage } from 'strongroom';
import { ago, bytes, count, files, moment, percent, plural } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import type { Route } from '../route.ts';
import type { Session } from '../session.ts';
import { when } from './erasures.ts';
import { icon } from './icon.ts';
import { openSnapshot } from './snapshots.ts';

/** A backup older than this is worth a word. */
const STALE_DAYS = 30;
/** Sets named at the top; the others are in the list of snapshots. */
const SETS = 5;

/** The sentence one comes for. */
export function headline(session: Session, now: number): TemplateResult {
  const newest = session.snapshots?.[0];
  return html`
    <header class="last">
      <h1 id="vault-title" tabindex="-1" data-testid="home-last" data-value=${newest?.time ?? ''}>${title(session, now)}</h1>
      <p class="lead">${newest
        ? html`${staleness(newest, now)}<time datetime=${new Date(newest.time).toISOString()}>${moment(newest.time)}</time>, ${files(newest.files)}, ${bytes(newest.bytes)}${newest.left > 0 ? `, ${count(newest.left)} left out` : ''}.`
        : session.snapshots ? 'Drop a folder below: you see what will go before anything is sent.' : nothing}</p>
    </header>`;
}

function title(session: Session, now: number): unknown {
  const newest = session.snapshots?.[0];
  if (newest) return `Last backed up ${ago(newest.time, now)}`;
  if (session.snapshots) return 'Nothing is backed up yet';
  return session.failure ? 'The vault cannot be read' : 'Reading the vault…';
}

function staleness(newest: Snapshot, now: number): TemplateResult | typeof nothing {
  return now - newest.time > STALE_DAYS * 86_400_000 ? html`<strong class="stale">That is long ago: back up again soon.</strong> ` : nothing;
}

/** What is protected: the newest snapshot of each label. */
export function sets(session: Session, now: number): TemplateResult | typeof nothing {
  const newest = newestOfEach(session.snapshots ?? []);
  if (newest.length === 0) return nothing;
  return html`
    <section class="card" aria-labelledby="sets-title">
      <h2 id="sets-title">What is protected</h2>
      <ul class="sets" data-testid="home-sets">${newest.slice(0, SETS).map((snapshot) => html`
        <li><button type="button" data-testid="home-set" data-label=${snapshot.label} @click=${(event: Event) => openSnapshot(event.currentTarget as HTMLElement, snapshot)}>
          ${icon('folder')}<span><bdi class="name">${snapshot.label === '' ? 'No label' : visible(snapshot.label)}</bdi>
          <span class="hint">${bytes(snapshot.bytes)} · ${ago(snapshot.time, now)}</span></span></button></li>`)}</ul>
      ${newest.length > SETS ? html`<p class="hint">And ${count(newest.length - SETS)} more: see the snapshots.</p>` : nothing}
    </section>`;
}

function newestOfEach(snapshots: Snapshot[]): Snapshot[] {
  const found = new Map<string, Snapshot>();
  for (const snapshot of snapshots) if (!found.has(snapshot.label)) found.set(snapshot.label, snapshot);
  return [...found.values()];
}

/** Stored against original size, and what saved the difference. */
export function savings(session: Session): TemplateResult | typeof nothing {
  const { usage, snapshots } = session;
  if (!usage || !snapshots || snapshots.length === 0) return nothing;
  const original = snapshots.reduce((sum, snapshot) => sum + snapshot.bytes, 0);
  const rows = [
    { id: 'original', name: snapshots.length === 1 ? 'The files of the snapshot' : `The files of all ${count(snapshots.length)} snapshots`, value: original },
    { id: 'distinct', name: 'The same, each part counted once', value: usage.bytes },
    { id: 'stored', name: 'Stored, compressed and encrypted', value: usage.stored },
  ];
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return html`
    <section class="card" aria-labelledby="savings-title">
      <h2 id="savings-title">${original > usage.stored ? html`${percent(1 - usage.stored / original)} smaller than copies` : 'Size'}</h2>
      <dl class="savings">${rows.map(({ id, name, value }) => html`
        <div><dt>${name}</dt><dd><span data-testid="home-${id}" data-value=${value}>${bytes(value)}</span>
          <svg class="share" aria-hidden="true" preserveAspectRatio="none">${svg`<rect class=${id} width="${Math.max(0.5, (value / most) * 100)}%" height="100%" rx="3"/>`}</svg></dd></div>`)}</dl>
      <p class="hint">${saved(original, usage)}</p>
      <div class="buttons"><button type="button" data-testid="home-space" @click=${openSpace}>Keep and free…</button></div>
    </section>`;
}

/** Something is to be erased, which its owner should know of. */
export function warning(session: Session, now: number): TemplateResult | typeof nothing {
  const { erasures } = session;
  if (!erasures || erasures.length === 0) return nothing;
  const size = erasures.reduce((sum, { bytes: of }) => sum + of, 0);
  const snapshots = erasures.reduce((sum, one) => sum + one.snapshots, 0);
  const first = [...erasures].sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity))[0]!;
  return html`
    <div class="notice" data-testid="home-erasures" data-value=${erasures.length}>${icon('clock')}
      <span>Marked to be erased: ${bytes(size)}${snapshots > 0 ? `, ${plural(snapshots, 'forgotten snapshot', 'forgotten snapshots')}` : ''}. ${when(first, now)}. If you did not ask for that, call it off.
        <button type="button" class="link" data-testid="home-erasures-open" @click=${openSpace}>Look at it</button></span></div>`;
}

function openSpace(event: Event): void {
  const route: Route = { screen: 'space' };
  (event.currentTarget as HTMLElement).dispatchEvent(new CustomEvent('sr-go', { detail: route, bubbles: true, composed: true }));
}

function saved(original: number, usage: Usage): string {
  const twice = Math.max(0, original - usage.bytes);
  const squeezed = usage.bytes - usage.stored;
  const parts = [
    twice > 0 ? `storing each part once saves ${bytes(twice)}` : '',
    squeezed >= 0 ? `compression saves ${bytes(squeezed)}` : `encryption and padding add ${bytes(-squeezed)}`,
  ].filter((part) => part !== '');
  const text = parts.join(', ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
