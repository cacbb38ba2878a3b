/** Live figures of a run. */

import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { Progress, Stage } from 'strongroom';
import type { Activity } from '../activity.ts';
import { bytes, count, percent, rate, sentence, timeLeft } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import { isRead, share } from '../lib/share.ts';
import { facts, type Figure } from './fact.ts';

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

export function progress(activity: Activity): TemplateResult {
  const { progress } = activity;
  const done = activity.phase === 'walking' ? undefined : share(activity.kind, progress);
  const stage = stageText(activity);
  return html`
    <div class="progress" data-testid="progress" data-stage=${progress.stage}>
      <p class="stage"><strong data-testid="progress-stage">${stage}</strong><span>${left(activity)}${done === undefined ? nothing : percent(done)}</span></p>
      <progress data-testid="progress-bar" max="1" value=${ifDefined(done)} aria-label=${stage}></progress>
      ${progress.stage === 'waiting' && progress.waiting ? html`<p class="advice" data-testid="progress-waiting">${sentence(progress.waiting)}</p>` : nothing}
      ${activity.phase === 'walking' ? facts(found(progress)) : facts(figures(activity.kind, progress))}
      ${activity.phase === 'walking' ? nothing : html`<p class="current" translate="no">${activity.paused ? nothing : current(progress)}</p>`}
    </div>`;
}

export function stageText(activity: Activity): string {
  const { progress, kind } = activity;
  if (activity.paused) return STAGES.paused;
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

function found(progress: Progress): Figure[] {
  return [
    { testid: 'progress-files', name: 'Files so far', value: progress.filesTotal, text: count(progress.filesTotal) },
    { testid: 'progress-bytes', name: 'Size so far', value: progress.bytesTotal, text: bytes(progress.bytesTotal) },
  ];
}

function figures(kind: Activity['kind'], progress: Progress): Figure[] {
  const shown: Figure[] = [
    { testid: 'progress-bytes', name: kind === 'backup' ? 'Read' : 'Fetched', value: progress.bytesRead, total: progress.bytesTotal,
      text: progress.bytesTotal > 0 ? `${bytes(progress.bytesRead)} of ${bytes(progress.bytesTotal)}` : bytes(progress.bytesRead) },
    { testid: 'progress-files', name: 'Files', value: progress.filesDone, total: progress.filesTotal,
      text: progress.filesTotal > 0 ? `${count(progress.filesDone)} of ${count(progress.filesTotal)}` : count(progress.filesDone) },
  ];
  if (kind === 'backup') shown.push({ testid: 'progress-new', name: 'New', value: progress.bytesNew, text: bytes(progress.bytesNew) });
  if (kind !== 'verify') shown.push({ testid: 'progress-stored', name: kind === 'backup' ? 'Stored' : 'Written', value: progress.bytesStored, text: bytes(progress.bytesStored) });
  if (isMoving(progress) && progress.rate > 0) shown.push({ testid: 'progress-rate', name: 'Rate', value: Math.round(progress.rate), text: rate(progress.rate) });
  return shown;
}

/** One of the paths in work: more would only flicker. */
function current(progress: Progress): string {
  return visible(progress.current[0] ?? '');
}
