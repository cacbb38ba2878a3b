/** What the page asks of a new passphrase. Length is what counts; rules about digits and signs only make people sloppy. */

export const SHORTEST = 12;

/** Why a new passphrase will not do, as a sentence with what to do; nothing when it will. */
export function passphraseTrouble(passphrase: string, again: string, name: string): string | undefined {
  const length = [...passphrase].length;
  if (length === 0) return 'Choose a passphrase.';
  if (length < SHORTEST) return `The passphrase has ${length} of at least ${SHORTEST} characters. Add a word or two.`;
  if (new Set(passphrase).size < 4) return 'The passphrase repeats too few characters. Use four or more words that do not belong together.';
  if (name !== '' && passphrase.toLowerCase() === name) return 'The passphrase is the vault’s name. Choose something that nobody can look up.';
  if (again === '') return 'Type the passphrase a second time.';
  if (passphrase !== again) return 'The two passphrases differ. Type the second one again, or show them and compare.';
  return undefined;
}
