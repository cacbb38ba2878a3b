/** A passphrase to offer: words drawn from the EFF's long list for dice, 7,776 words chosen to be told apart and remembered. */

import { drawBelow } from './name.ts';

/** Six words are 77 bits: beyond any guessing, and still to be learnt by heart. */
export const OFFERED_WORDS = 6;

/** The list, loaded when first asked for. */
export async function wordList(): Promise<readonly string[]> {
  // The meter's package brings it; the file alone is a tenth of the whole.
  return (await import('@zxcvbn-ts/language-common/dist/diceware.json.mjs')).default;
}

/** That many words, each as likely as any other, with a space between. */
export function drawWords(list: readonly string[], howMany = OFFERED_WORDS, draw: (below: number) => number = drawBelow): string {
  return Array.from({ length: howMany }, () => list[draw(list.length)] ?? '').join(' ');
}
