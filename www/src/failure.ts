/** Failures as the page shows them: a sentence, and what can be done about it here. */

import { StrongroomError, type ErrorCode } from 'strongroom';

export interface Failure {
  code: ErrorCode;
  /** What happened and what to do next. */
  message: string;
  /** Whether doing the same again may succeed. */
  again: boolean;
}

/** Faults that pass by themselves, or once somebody has made room. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'unavailable', 'storage_full', 'sink_full', 'sink_failed', 'lane_lost', 'source_changed', 'internal',
]);

/** Any thrown value as a failure. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof StrongroomError) {
    return { code: thrown.code, message: thrown.message, again: PASSING.has(thrown.code) };
  }
  const fact = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message: `Something went wrong in this page: ${fact.replace(/\.$/, '')}. Try again; if it happens once more, reload the page.`, again: true };
}

/** Whether a picker was closed without choosing: not a failure. */
export function isDismissed(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}
