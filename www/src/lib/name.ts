/**
 * A vault's name: what its owner types, then a hyphen and four random letters or digits, so that a stranger who guesses
 * `ana` has not guessed a vault.
 */

/** Letters and digits that are not mistaken for one another when read aloud or copied by hand. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const ENDING = 4;
const LONGEST = 64;
const LONGEST_FIRST = LONGEST - ENDING - 1;

/** Four random characters. `draw` gives a whole number below its argument, evenly. */
export function newEnding(draw: (below: number) => number = drawBelow): string {
  return Array.from({ length: ENDING }, () => ALPHABET[draw(ALPHABET.length)]).join('');
}

/** What can be kept of typed text as the first part of a name: `Ana Müller` → `ana-muller`. */
export function firstPart(typed: string): string {
  return typed
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LONGEST_FIRST)
    .replace(/-+$/, '');
}

/** First part, hyphen, ending; the ending alone is no name. */
export function fullName(typed: string, ending: string): string {
  const first = firstPart(typed);
  return first === '' ? '' : `${first}-${ending}`;
}

/** What was typed at unlock, as names are written: without spaces around, in small letters. */
export function typedName(typed: string): string {
  return typed.trim().toLowerCase();
}

/** A whole number from 0 to `below` − 1 from the browser's secure generator, every one as likely as another. */
export function drawBelow(below: number): number {
  const limit = Math.floor(0x1_0000_0000 / below) * below;
  const word = new Uint32Array(1);
  for (;;) {
    crypto.getRandomValues(word);
    const value = word[0] ?? limit;
    if (value < limit) return value % below;
  }
}
