/** The recovery kit: as plain text to copy, and as a page of its own to keep as a file and to print. */

import type { Code } from './qr.ts';

export interface Kit { name: string; address: string; words: string[] }

/** What to do with it, for the person who finds it in a drawer years later. */
export const KIT_STEPS = [
  'Keep this on paper or in a password manager, away from the computer that it protects. Whoever has these words can read everything in the vault.',
  'When the passphrase is lost: open the address, choose “Unlock a vault”, type the vault’s name, choose “Recovery phrase” and type the 24 words.',
  'When the server is lost: any copy of its stored objects and these words are enough. Open the offline reader, restore.html, in a browser, or use the strongroom command line: strongroom restore.',
] as const;

/** Name of the file. */
export function kitFile(kit: Kit): string {
  return `strongroom-${kit.name}.html`;
}

/** The whole kit as text: what it opens, where, the words in two columns, what to do. */
export function kitText(kit: Kit, made: Date): string {
  const half = Math.ceil(kit.words.length / 2);
  const line = (index: number) => `${String(index + 1).padStart(2)}. ${(kit.words[index] ?? '').padEnd(10)}`;
  const rows = Array.from({ length: half }, (_, index) => `  ${line(index)}  ${line(index + half)}`.trimEnd());
  return [
    'Strongroom recovery kit',
    '',
    `Vault:    ${kit.name}`,
    `Address:  ${kit.address}`,
    `Made:     ${day(made)}`,
    '',
    'Recovery phrase, 24 words in this order:',
    '',
    ...rows,
    '',
    ...KIT_STEPS.map((step) => `- ${step}`),
    '',
  ].join('\n');
}

/** The whole kit as a page without script, which opens in any browser and prints on one sheet. */
export function kitPage(kit: Kit, made: Date, code: Code): string {
  const words = kit.words.map((word) => `<li>${escaped(word)}</li>`).join('');
  const steps = KIT_STEPS.map((step) => `<li>${escaped(step)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="robots" content="noindex">
<title>Strongroom recovery kit: ${escaped(kit.name)}</title>
<style>
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; } h2 { margin: 2rem 0 0.5rem; font-size: 1.125rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0; } dt { color: #555; }
dd, .words { margin: 0; font-family: ui-monospace, Consolas, monospace; font-weight: 600; overflow-wrap: anywhere; }
.both { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: start; }
.words { flex: 1 1 20rem; columns: 3 8rem; padding: 0 0 0 2.2rem; } .words li { padding: 0.15rem 0; } .words li::marker { color: #555; font-weight: 400; }
svg { width: 12rem; height: 12rem; } .steps li { padding: 0.2rem 0; }
</style></head><body>
<h1>Strongroom recovery kit</h1>
<dl><dt>Vault</dt><dd>${escaped(kit.name)}</dd><dt>Address</dt><dd>${escaped(kit.address)}</dd><dt>Made</dt><dd>${day(made)}</dd></dl>
<h2>Recovery phrase: 24 words in this order</h2>
<div class="both"><ol class="words">${words}</ol>
<svg viewBox="0 0 ${code.size} ${code.size}" role="img" aria-label="The 24 words as a QR code" shape-rendering="crispEdges"><path d="${code.path}"/></svg></div>
<h2>What to do</h2>
<ul class="steps">${steps}</ul>
</body></html>
`;
}

function day(made: Date): string {
  return made.toISOString().slice(0, 10);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
