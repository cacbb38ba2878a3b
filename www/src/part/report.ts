/** The report after a run: what was done, and what was not, with why. */

import { html, nothing, type TemplateResult } from 'lit';
import type { BackupReport, Left, PruneReport, RestoreReport, VerifyReport } from 'strongroom';
import type { Activity, BackupActivity, RestoreActivity, VerifyActivity } from '../activity.ts';
import { bytes, count, duration, files, folders, plural } from '../lib/format.ts';
import { visible } from '../lib/path.ts';
import { facts, type Figure } from './fact.ts';
import { icon } from './icon.ts';

export function report(activity: Activity): TemplateResult | typeof nothing {
  switch (activity.kind) {
    case 'backup': return activity.report ? backup(activity, activity.report) : nothing;
    case 'restore': return activity.report ? restore(activity, activity.report) : nothing;
    case 'verify': return activity.report ? verify(activity, activity.report) : nothing;
    case 'prune': return activity.report ? prune(activity.report) : nothing;
  }
}

function backup(activity: BackupActivity, report: BackupReport): TemplateResult {
  const saved = Math.max(0, report.bytesRead - report.bytesNew);
  return frame(activity.kind, report.leftCount === 0, html`
    ${headline(report.leftCount === 0, report.leftCount === 0
      ? `Backed up, everything${report.excludedFiles > 0 ? ' that you chose' : ''} is in the vault.`
      : `Backed up, except ${plural(report.leftCount, 'entry that was', 'entries that were')} left out.`)}
    ${facts([
      one('files', 'Files', report.files),
      one('folders', 'Folders', report.folders),
      size('bytes', 'Size', report.bytes),
      { ...one('unchanged', 'Unchanged, not read', report.unchangedFiles), text: files(report.unchangedFiles), beside: aside('unchanged-bytes', report.unchangedBytes) },
      { ...one('read', 'Read', report.filesRead), text: files(report.filesRead), beside: aside('read-bytes', report.bytesRead) },
      size('saved', 'Was in the vault already', saved),
      size('new', 'New', report.bytesNew),
      size('stored', 'Stored, compressed and encrypted', report.bytesStored),
      ...(report.excludedFiles > 0 ? [{ ...one('excluded', 'Left out by your rules', report.excludedFiles), text: files(report.excludedFiles), beside: aside('excluded-bytes', report.excludedBytes) }] : []),
      ...(report.resumedBytes > 0 ? [size('resumed', 'Taken over from an interrupted back up', report.resumedBytes)] : []),
      { testid: 'report-time', name: 'Took', value: report.finished - report.started, text: duration(report.finished - report.started) },
    ])}
    ${left(report.left, report.leftCount, 'left out')}`);
}

function restore(activity: RestoreActivity, report: RestoreReport): TemplateResult {
  const wrong = report.checked?.wrongCount ?? 0;
  const whole = report.damagedCount + wrong === 0;
  return frame(activity.kind, whole, html`
    ${headline(whole, whole
      ? `Restored ${files(report.files + report.thereFiles)} and ${folders(report.folders)}; every byte was checked.`
      : `Restored what is whole. ${plural(report.damagedCount + wrong, 'part is', 'parts are')} not: see below.`)}
    ${checked(report)}
    ${facts([
      one('files', 'Files', report.files + report.thereFiles), one('folders', 'Folders', report.folders), size('bytes', 'Size', report.bytes + report.thereBytes),
      ...(report.thereFiles > 0 ? [one('there', 'Files that were there already', report.thereFiles), size('there-bytes', 'Of these bytes, not fetched', report.thereBytes)] : []),
    ])}
    ${left([...report.damaged, ...(report.checked?.wrong ?? [])], report.damagedCount + wrong, 'damaged')}
    ${report.notes.map((note) => html`<p class="hint" data-testid="report-note">${note}</p>`)}`);
}

/** What was done to be sure of what is on the disk now. */
function checked({ checked }: RestoreReport): TemplateResult {
  return checked
    ? html`<p data-testid="report-checked" data-value=${checked.files} data-bytes=${checked.bytes} data-wrong=${checked.wrongCount}>Read back from the folder and compared with the
        vault: ${files(checked.files)}, ${bytes(checked.bytes)}.</p>`
    : html`<p class="hint">Every part was compared with the vault before it was handed over. What was written was not read back.</p>`;
}

function verify(activity: VerifyActivity, report: VerifyReport): TemplateResult {
  const sound = activity.data ? 'Every byte is there and is what was backed up.' : 'Everything that the snapshots need is there.';
  return frame(activity.kind, report.damagedCount === 0, html`
    ${headline(report.damagedCount === 0, report.damagedCount === 0
      ? sound
      : `${plural(report.damagedCount, 'thing is', 'things are')} damaged or missing. Back up the files named below again while you have them.`)}
    ${facts([
      one('snapshots', 'Snapshots', report.snapshots), one('indexes', 'Indexes', report.indexes), one('packs', 'Packs', report.packs),
      one('blobs', 'Blobs', report.blobs), size('bytes', activity.data ? 'Read and checked' : 'Size', report.bytes),
    ])}
    ${left(report.damaged, report.damagedCount, 'damaged')}`);
}

function prune({ plan, erasure, erased }: PruneReport): TemplateResult {
  return frame('prune', true, html`
    ${headline(true, erasure === undefined
      ? erased.objects > 0 ? `Erased, and ${bytes(erased.bytes)} are free. Nothing else was needless.` : 'Nothing was needless.'
      : `${erased.objects > 0 ? `Erased, and ${bytes(erased.bytes)} are free. ` : ''}${plan.bytesFreed > 0 ? `${bytes(plan.bytesFreed)} more can be free` : 'What is marked goes'} once the delay is over; until then it can be called off below.`)}
    ${facts([
      size('erased', 'Erased now', erased.bytes),
      size('freed', 'To be erased', erasure === undefined ? 0 : plan.bytesFreed),
      size('copied', 'Stored anew', erasure === undefined ? 0 : plan.bytesCopied),
      ...(erased.spared > 0 ? [one('spared', 'Packs that are needed again', erased.spared)] : []),
    ])}`);
}

function frame(kind: Activity['kind'], whole: boolean, content: TemplateResult): TemplateResult {
  return html`<div class="report" data-testid="report" data-kind=${kind} data-outcome=${whole ? 'whole' : 'partial'}>${content}</div>`;
}

function headline(whole: boolean, text: string): TemplateResult {
  return html`<p class=${whole ? 'outcome good' : 'outcome warn'}>${icon(whole ? 'done' : 'alert')}<span>${text}</span></p>`;
}

function left(entries: Left[], all: number, word: string): TemplateResult | typeof nothing {
  if (all === 0) return nothing;
  const unnamed = all - entries.length;
  return html`
    <details class="left" open>
      <summary><span data-testid="report-left" data-value=${all}>${count(all)} ${word}</span></summary>
      <ul>${entries.map((entry) => html`
        <li data-testid="report-left-item" data-path=${entry.path} data-code=${entry.code}>
          <bdi class="path" translate="no">${visible(entry.path)}</bdi><span class="hint">${entry.message}</span>
        </li>`)}</ul>
      ${unnamed > 0 ? html`<p class="hint">And ${count(unnamed)} more.</p>` : nothing}
    </details>`;
}

function one(id: string, name: string, value: number): Figure {
  return { testid: `report-${id}`, name, value, text: count(value) };
}

function size(id: string, name: string, value: number): Figure {
  return { testid: `report-${id}`, name, value, text: bytes(value) };
}

function aside(id: string, value: number): { testid: string; value: number; text: string } {
  return { testid: `report-${id}`, value, text: bytes(value) };
}
