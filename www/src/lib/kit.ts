/** The recovery kit as plain text: what is copied and downloaded. */

export interface Kit { name: string; address: string; words: string[] }

/** Name of the text file. */
export function kitFile(kit: Kit): string {
  return `strongroom-${kit.name}.txt`;
}

/** The whole kit: what it opens, where, the words in two columns, how to use it. */
export function kitText(kit: Kit, made: Date): string {
  const half = Math.ceil(kit.words.length / 2);
  const line = (index: number) => `${String(index + 1).padStart(2)}. ${(kit.words[index] ?? '').padEnd(10)}`;
  const rows = Array.from({ length: half }, (_, index) => `  ${line(index)}  ${line(index + half)}`.trimEnd());
  return [
    'Strongroom recovery kit',
    '',
    `Vault:    ${kit.name}`,
    `Address:  ${kit.address}`,
    `Made:     ${made.toISOString().slice(0, 10)}`,
    '',
    'Recovery phrase, 24 words in this order:',
    '',
    ...rows,
    '',
    'Whoever has these words can read everything in the vault. Keep them on paper or',
    'in a password manager, away from this computer. They open the vault when the',
    'passphrase is lost: go to the address, choose "Unlock", then "Recovery phrase".',
    'They also open a bare copy of the stored objects with the strongroom command line.',
    '',
  ].join('\n');
}
