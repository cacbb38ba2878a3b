/** The recovery phrase on its way in and out: 24 words (BIP-39). */

import { drawBelow } from './name.ts';

export const PHRASE_WORDS = 24;

/** The words in what somebody typed or pasted; numbers, commas and line ends of a printed kit are passed over. */
export function phraseWords(typed: string): string[] {
  return typed.toLowerCase().match(/\p{L}+/gu) ?? [];
}

/** Which words to ask for, as numbers from 1, in order and without repeats. */
export function wordsToAsk(howMany: number, of: number, draw: (below: number) => number = drawBelow): number[] {
  const left = Array.from({ length: of }, (_, index) => index + 1);
  const asked = Array.from({ length: Math.min(howMany, of) }, () => left.splice(draw(left.length), 1)[0] ?? 1);
  return asked.sort((a, b) => a - b);
}

/** Whether an answer is that word, however it was typed. */
export function isWord(answer: string, word: string): boolean {
  return answer.trim().toLowerCase() === word;
}
