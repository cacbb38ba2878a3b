/** Live figures of a run. */

import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { Progress, Stage } from 'strongroom';
import type { Activity } from '../activity.ts';
import { bytes, count, duration, percent, rate, sentence, timeLeft } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import { roomText, stillNeeded } from '../lib/room.ts';
import { isRead, share } from '../lib/share.ts';
import { facts, type Figure } from './fact.ts';
import { icon } from './icon.ts';

const STAGES: Record<Stage, string> = {
  walking: 'Looking through the files',
  planned: 'Ready',
  reading: 'Reading, encrypting and storing',
  uploading: 'Everything is read; storing the rest',
  finishing: 'Finishing: index and snapshot',
  restoring: 'Restoring',
  verifying: 'Verifying',
  paused: 'Paused',
  waiting: 'Waiting',
  done: 'Done',
};

/** Where a prune does something else. */
const PRUNE_STAGES: Partial<Record<Stage, string>> = {
  walking: 'Looking at what each snapshot needs',
  uploading: 'Storing anew what is needed of packs that go',
  finishing: 'Marking what is to be erased',
};

const PACE = { computer: 'Compressing and encrypting here', storage: 'The way to the storage', files: 'Reading the files' };

export function progress(activity: Activity): TemplateResult {
  const { progress } = activity;
  const done = progress.stage === 'walking' ? undefined : share(activity.kind, progress);
  const stage = stageText(activity);
  return html`
    <div class="progress" data-testid="progress" data-stage=${progress.stage}>
      <p class="stage"><strong data-testid="progress-stage">${stage}</strong><span>${left(activity)}${done === undefined ? nothing : percent(done)}</span></p>
      <progress data-testid="progress-bar" max="1" value=${ifDefined(done)} aria-label=${stage}></progress>
      ${progress.stage === 'waiting' && progress.waiting ? html`<p class="advice" data-testid="progress-waiting">${sentence(progress.waiting)}${room(activity)}</p>` : nothing}
      ${activity.regained === undefined ? nothing : html`<p class="notice" data-testid="progress-regained" data-value=${activity.regained}>${icon('done')}<span>The
        storage answers again, after ${duration(activity.regained)}. Nothing was lost, and it goes on.</span></p>`}
      ${activity.phase === 'walking' ? nothing : facts(figures(activity.kind, progress))}
      ${activity.phase === 'walking' ? nothing : html`<p class="current" translate="no">${activity.paused ? nothing : current(progress)}</p>`}
    </div>`;
}

/** A storage that is full is told from one that does not answer by the courier's own word for it. */
function room(activity: Activity): TemplateResult | typeof nothing {
  if (activity.kind !== 'backup' || !activity.quota || !/\bfull\b/.test(activity.progress.waiting ?? '')) return nothing;
  const needed = stillNeeded(activity.progress);
  return html` <span data-testid="progress-room" data-value=${needed}>${roomText(activity.quota, needed)}</span>`;
}

export function stageText(activity: Activity): string {
  const { progress, kind } = activity;
  if (activity.paused) return STAGES.paused;
  if (kind === 'prune') return PRUNE_STAGES[progress.stage] ?? STAGES[progress.stage];
  return progress.stage === 'reading' && kind === 'backup' && isRead(progress) ? STAGES.uploading : STAGES[progress.stage];
}

function left({ progress, phase, kind }: Activity): TemplateResult | typeof nothing {
  const { millisecondsLeft } = progress;
  if (phase !== 'running' || millisecondsLeft === undefined || !isMoving(progress) || (kind === 'backup' && isRead(progress))) return nothing;
  return html`<span class="hint" data-testid="progress-left" data-value=${Math.round(millisecondsLeft)}>${timeLeft(millisecondsLeft)} · </span>`;
}

function isMoving({ stage }: Progress): boolean {
  return stage !== 'paused' && stage !== 'waiting';
}

function figures(kind: Activity['kind'], progress: Progress): Figure[] {
  if (kind === 'prune') return [{ testid: 'progress-stored', name: 'Stored anew', value: progress.bytesStored, text: bytes(progress.bytesStored) }];
  const shown: Figure[] = [
    { testid: 'progress-bytes', name: kind === 'backup' ? 'Read' : 'Fetched', value: progress.bytesRead, total: progress.bytesTotal,
      text: progress.bytesTotal > 0 ? `${bytes(progress.bytesRead)} of ${bytes(progress.bytesTotal)}` : bytes(progress.bytesRead) },
    { testid: 'progress-files', name: 'Files', value: progress.filesDone, total: progress.filesTotal,
      text: progress.filesTotal > 0 ? `${count(progress.filesDone)} of ${count(progress.filesTotal)}` : count(progress.filesDone) },
  ];
  const known = Math.max(0, progress.bytesRead - progress.bytesNew);
  if (kind === 'backup' && known > 0) {
    shown.push({ testid: 'progress-known', name: 'Was stored already', value: known, text: bytes(known),
      beside: { testid: 'progress-known-share', value: Math.round((100 * known) / progress.bytesRead), text: percent(known / progress.bytesRead) } });
  }
  if (kind === 'backup') shown.push({ testid: 'progress-new', name: 'New', value: progress.bytesNew, text: bytes(progress.bytesNew) });
  if (kind !== 'verify') shown.push({ testid: 'progress-stored', name: kind === 'backup' ? 'Stored' : 'Written', value: progress.bytesStored, text: bytes(progress.bytesStored) });
  if (progress.bytesThere > 0) shown.push({ testid: 'progress-there', name: 'Was there already', value: progress.bytesThere, text: bytes(progress.bytesThere) });
  if (isMoving(progress) && progress.rate > 0) shown.push({ testid: 'progress-rate', name: 'Rate', value: Math.round(progress.rate), text: rate(progress.rate) });
  if (isMoving(progress) && progress.bottleneck) {
    shown.push({ testid: 'progress-pace', name: 'What sets the pace', value: Object.keys(PACE).indexOf(progress.bottleneck), text: PACE[progress.bottleneck] });
  }
  return shown;
}

/** One of the paths in work: more would only flicker. */
function current(progress: Progress): string {
  return visible(progress.current[0] ?? '');
}
