/** How hard a passphrase of one's own is to guess. The dictionaries weigh over a megabyte: they are loaded when somebody types one. */

export interface Strength {
  /** 0 to 4; below {@link ENOUGH} it will not do. */
  score: number;
  /** How hard, in words. */
  verdict: string;
  /** What would make it harder; nothing where it is hard enough. */
  advice?: string;
}

/** Rates a passphrase; the name counts as known to whoever guesses. */
export type Meter = (passphrase: string, name: string) => Strength;

/** The least score of a new passphrase: a hundred million guesses. */
export const ENOUGH = 3;

const BEST = 4;
const VERDICTS = ['Very weak', 'Weak', 'Weak', 'Fair', 'Strong'] as const;

/** Longer ones are strong by their length alone, and rating them takes long. */
const RATED = 100;

let loading: Promise<Meter> | undefined;

/** The meter, loaded once; a failed load is tried again at the next call. */
export function loadMeter(): Promise<Meter> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Meter> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common'), import('@zxcvbn-ts/language-en'),
  ]);
  const rater = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary }, graphs: common.adjacencyGraphs, translations: english.translations,
  });
  return (passphrase, name) => {
    const unknown = name === '' ? passphrase : passphrase.toLowerCase().replaceAll(name, '*');
    const rated = rater.check(unknown.slice(0, RATED), ['strongroom', 'vault', ...name.split('-')]);
    // Whoever holds the server can try some ten thousand a second at great cost: each try takes 64 MiB and three passes.
    const time = rated.crackTimes.offlineSlowHashingXPerSecond.display;
    const verdict = `${VERDICTS[rated.score] ?? VERDICTS[0]}: ${time === 'centuries' ? 'centuries' : `about ${time}`} of guessing for somebody who holds the server`;
    return rated.score === BEST ? { score: rated.score, verdict } : { score: rated.score, verdict, advice: advise(rated.feedback.warning) };
  };
}

function advise(warning: string | null): string {
  const next = 'Add a word or two that do not belong together.';
  return warning ? `${warning.replace(/\.$/, '')}. ${next}` : next;
}
