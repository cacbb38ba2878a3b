/** Whether this browser, and the way this page was opened, can do the work; if not, why and what to do. */

import type { Remedy } from './remedy.ts';

/** A module of one function that uses a vector instruction: valid where the engine can be. */
const VECTORS = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

const INSECURE: Remedy = {
  what: 'This page was not opened securely.',
  why: 'Its address begins with http://. Anybody between this computer and the server could change the page, so browsers do not allow encryption on it.',
  next: 'Open the same address with https:// in front. If that does not answer, ask whoever runs the server to set up a certificate.',
};

const TOO_OLD: Remedy = {
  what: 'This browser is too old for Strongroom, or part of it is switched off.',
  why: 'Encryption here needs WebAssembly with vector instructions, which browsers have had since 2021 (Safari since 2023).',
  next: 'Update the browser, or use a current Chrome, Edge, Firefox or Safari. Some “lockdown” and “maximum security” modes switch it off: allow this page.',
};

/** What keeps Strongroom from working here; nothing where nothing does. */
export function unfit(): Remedy | undefined {
  if (!isSecureContext) return INSECURE;
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(VECTORS) || typeof Worker !== 'function') return TOO_OLD;
  return undefined;
}
