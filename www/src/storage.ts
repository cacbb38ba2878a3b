/** What the server says of its storage, and how its clock stands against this computer's. */

export interface About {
  /** What the storage enforces, as its server states it. */
  level: string;
  /** Milliseconds by which this computer's clock is ahead of the server's, as near as a header of whole seconds tells. */
  ahead: number;
}

/** More than this is worth a word: signed addresses live for minutes. */
export const CLOCK_TOLERANCE = 120_000;

/** Asks the server that this page came from. */
export async function about(): Promise<About> {
  const answer = await fetch('/api/v1/about');
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const { storage } = await answer.json() as { storage: { level: string } };
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  return { level: storage.level, ahead: Number.isNaN(theirs) ? 0 : Date.now() - theirs };
}

/** The levels of protection, least surprising words first. */
const LEVELS: Record<string, { short: string; long: string }> = {
  immutable: {
    short: 'What is stored cannot be overwritten or deleted',
    long: 'The storage refuses to overwrite or delete an object, whoever asks. Somebody who steals your session can add to the vault, and cannot change or shorten its history.',
  },
  'append-only': {
    short: 'What is stored can only be added to',
    long: 'This page can add objects and read them. It has no right to delete or replace any; whoever runs the storage has.',
  },
  'tamper-evident': {
    short: 'Changes to what is stored are noticed, not prevented',
    long: 'The storage does not keep anybody with access to it from replacing or deleting objects. Strongroom notices every change when it reads, and never gives out anything wrong.',
  },
};

export function levelWords(level: string): { short: string; long: string } {
  return LEVELS[level] ?? { short: `The storage states the level “${level}”`, long: 'This page does not know that level. Ask whoever runs the server what it means.' };
}
