/** How much of a run is done, 0 to 1; nothing while that cannot be said. */

export interface Figures { filesTotal: number; filesDone: number; bytesTotal: number; bytesRead: number; bytesStored: number }

export function share(kind: 'backup' | 'restore' | 'verify', figures: Figures): number | undefined {
  // A restore is as far as what is written; what it fetched may hold more, or less, than the files.
  const done = kind === 'restore' ? figures.bytesStored : figures.bytesRead;
  const parts: number[] = [];
  if (figures.bytesTotal > 0) parts.push(Math.min(1, done / figures.bytesTotal));
  if (figures.filesTotal > 0) parts.push(Math.min(1, figures.filesDone / figures.filesTotal));
  // Thousands of empty files, or one huge file: the slower of the two tells the truth.
  return parts.length === 0 ? undefined : Math.min(...parts);
}
