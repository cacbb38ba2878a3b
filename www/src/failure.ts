/** Failures as the page shows them: what happened, why, what to do next, and whether the same again may help. */

import { StrongroomError, type ErrorCode } from 'strongroom';
import { remedy, type Remedy } from './lib/remedy.ts';

export interface Failure extends Remedy {
  code: ErrorCode;
  /** The engine's own sentence, which names what it is about. */
  message: string;
  /** Whether doing the same again may succeed. */
  again: boolean;
}

/** Faults that pass by themselves, or once somebody has made room. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'unavailable', 'cors', 'storage_full', 'denied', 'sink_full', 'sink_failed', 'lane_lost', 'source_changed', 'internal',
]);

/** Any thrown value as a failure. */
export function failureOf(thrown: unknown): Failure {
  const code = thrown instanceof StrongroomError ? thrown.code : 'internal';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const told = remedy(code);
  return code === 'unavailable' && !navigator.onLine
    ? { ...told, code, message, again: true, why: 'This computer is not connected to any network.' }
    : { ...told, code, message, again: PASSING.has(code) };
}

/** Whether a picker was closed without choosing: not a failure. */
export function isDismissed(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
