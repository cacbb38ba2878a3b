/** What the page says to its service worker. */

/** Keep what is missing of the page's files. */
export const KEEP = 'keep';
/** To a worker that waits: take the place of the one before. It answers on the port that comes along. */
export const TAKE_OVER = 'take over';
/** `busy`: something is at work in a tab. */
export type TakeOverAnswer = 'taken' | 'busy';
