/** How far a run is, from its figures. */

export interface Figures { filesTotal: number; filesDone: number; bytesTotal: number; bytesRead: number; bytesNew: number; bytesStored: number; bytesThere: number }

type Kind = 'backup' | 'restore' | 'verify' | 'prune';

/** What is last, index and snapshot, is not in the figures. */
const ALMOST = 0.99;
/** Opening and closing a file takes about as long as so many bytes: thousands of empty files are work, and so is one huge one. */
const FILE = 64 * 1024;
/** A back up has at most so much in hand that is read and not stored yet. */
const IN_HAND = 64 * 1024 * 1024;

/** How much of a run is done, 0 to 1, and never quite 1 while it runs; nothing while that cannot be said. */
export function share(kind: Kind, figures: Figures): number | undefined {
  const whole = figures.bytesTotal + FILE * figures.filesTotal;
  if (whole === 0) return undefined;
  return Math.min(ALMOST, (Math.min(done(kind, figures), figures.bytesTotal) + FILE * Math.min(figures.filesDone, figures.filesTotal)) / whole);
}

function done(kind: Kind, { bytesRead, bytesNew, bytesStored, bytesThere }: Figures): number {
  // A restore is as far as what is written or was there already; what it fetched may hold more, or less, than the files. A prune stores anew, and no more.
  if (kind === 'restore' || kind === 'prune') return bytesStored + bytesThere;
  // What is read is safe once it is stored. Nobody knows how small it gets before that, but more than this it cannot be.
  return kind === 'backup' ? bytesRead - Math.min(IN_HAND, Math.max(0, bytesNew - bytesStored)) : bytesRead;
}

/** Whether a back up has read everything, so that only storing is left: how much that is nobody knows before it is compressed. */
export function isRead(figures: Figures): boolean {
  return figures.bytesTotal > 0 && figures.bytesRead >= figures.bytesTotal && figures.filesDone >= figures.filesTotal;
}
