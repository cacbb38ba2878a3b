/** The report of a back up as a text to keep: every figure with its raw number, and all that was left out. */

import type { BackupReport } from 'strongroom';
import { bytes, count, duration, files, moment } from './format.ts';
import { visible } from './path.ts';

export function reportName({ finished }: BackupReport): string {
  return `strongroom-report-${new Date(finished).toISOString().slice(0, 16).replaceAll(':', '')}.txt`;
}

export function reportText(report: BackupReport, label: string): string {
  const size = (value: number) => `${bytes(value)} (${value})`;
  const lines = [
    'Strongroom: report of a back up',
    '',
    `Label: ${label === '' ? 'none' : visible(label)}`,
    `Snapshot: ${report.snapshot}`,
    `Begun: ${moment(report.started)}`,
    `Ended: ${moment(report.finished)}, after ${duration(report.finished - report.started)}`,
    '',
    `In the snapshot: ${files(report.files)}, ${count(report.folders)} folders, ${size(report.bytes)}`,
    `Unchanged, not read: ${files(report.unchangedFiles)}, ${size(report.unchangedBytes)}`,
    `Read: ${files(report.filesRead)}, ${size(report.bytesRead)}`,
    `Of these, in the vault already: ${size(Math.max(0, report.bytesRead - report.bytesNew))}`,
    `New: ${size(report.bytesNew)}`,
    `Stored, compressed and encrypted: ${size(report.bytesStored)}`,
    `Taken over from an interrupted back up: ${size(report.resumedBytes)}`,
    `Left out by rules: ${files(report.excludedFiles)}, ${size(report.excludedBytes)}`,
    '',
    report.leftCount === 0 ? 'Nothing else was left out.' : `Left out because it could not be backed up: ${count(report.leftCount)}`,
    ...report.left.map(({ path, code, message }) => `- ${visible(path)}: ${message} (${code})`),
  ];
  const unnamed = report.leftCount - report.left.length;
  if (unnamed > 0) lines.push(`- and ${count(unnamed)} more`);
  return `${lines.join('\n')}\n`;
}
