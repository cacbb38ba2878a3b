/** Forget, prune and what is to be erased, as the engine takes and tells them. */
import { StrongroomError } from './errors.js';
import type { Command, Entered, ErasureResult } from './messages.js';
import type { Erasure, Forgetting, KeepRules, PruneOptions, StorageSpec, StrongroomOptions } from './types.js';

const DELAY = 7 * 86_400_000;
/** A century: no rule counts further. */
const MOST = 100 * 366 * 24;
const COUNTS = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;

/** How long this client lets wait what is to be erased; nothing where a server keeps that. Fails where nothing can be erased at all. */
export function delayOf(storage: StorageSpec, { eraseDelay = DELAY }: StrongroomOptions): number | undefined {
  if (storage.kind === 'broker') return undefined;
  if (storage.kind === 'custom') throw new StrongroomError('not_supported', 'An app’s own back end signs and lists: nothing can be erased through it.');
  return amount(eraseDelay, 'eraseDelay', Number.MAX_SAFE_INTEGER);
}

export function forgetCommand(what: Forgetting, preview: boolean): Command {
  if ('snapshots' in what) return { forget: { snapshots: [...what.snapshots], preview } };
  const rules: KeepRules = { labels: (what.labels ?? []).map(String) };
  for (const count of COUNTS) rules[count] = amount(what[count] ?? 0, count, MOST);
  if (what.within !== undefined) rules.within = amount(what.within, 'within', Number.MAX_SAFE_INTEGER);
  return { forget: { rules, snapshots: [], preview } };
}

/** `name` is the vault's at its server, where `delay` is absent and `secret` is wanted. */
export function pruneCommand({ preview = false, without = [], threshold = 50 }: PruneOptions, name: string, delay: number | undefined, secret?: Entered, device?: string): Command {
  if (delay === undefined && !preview && !secret) throw new StrongroomError('bad_request', 'The server erases nothing without the vault’s secret: give it once more.');
  return { prune: { name, secret, device, delay, threshold: amount(threshold, 'threshold', 100), preview, without: [...without] } };
}

export function plainErasure({ tombstone, ...erasure }: ErasureResult): Erasure {
  return { id: tombstone, ...erasure };
}

/** A whole number, none below 0. */
function amount(value: number, name: string, most: number): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > most) throw new StrongroomError('bad_request', `${name} is a whole number from 0 to ${most}, not ${value}.`);
  return value;
}
