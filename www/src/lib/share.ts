/** How far a run is, from its figures. */

export interface Figures { filesTotal: number; filesDone: number; bytesTotal: number; bytesRead: number; bytesStored: number }

/** What is last, index and snapshot, is not in the figures. */
const ALMOST = 0.99;

/** How much of a run is done, 0 to 1, and never quite 1 while it runs; nothing while that cannot be said. */
export function share(kind: 'backup' | 'restore' | 'verify', figures: Figures): number | undefined {
  // A restore is as far as what is written; what it fetched may hold more, or less, than the files.
  const done = kind === 'restore' ? figures.bytesStored : figures.bytesRead;
  const parts: number[] = [];
  if (figures.bytesTotal > 0) parts.push(Math.min(1, done / figures.bytesTotal));
  if (figures.filesTotal > 0) parts.push(Math.min(1, figures.filesDone / figures.filesTotal));
  // Thousands of empty files, or one huge file: the slower of the two tells the truth.
  return parts.length === 0 ? undefined : Math.min(ALMOST, ...parts);
}

/** Whether a back up has read everything, so that only storing is left: how much that is nobody knows before it is compressed. */
export function isRead(figures: Figures): boolean {
  return figures.bytesTotal > 0 && figures.bytesRead >= figures.bytesTotal && figures.filesDone >= figures.filesTotal;
}
