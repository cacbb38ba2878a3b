/** Which snapshots to keep: the ways that are offered, and what they make of each snapshot, in words. */

import type { ForgetReport, KeepRules, KeptBy, Snapshot } from 'strongroom';

export type Way = 'thin' | 'newest' | 'own';
/** What can be typed; `within` is days. */
export const NUMBERS = ['last', 'within', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type Numbers = Partial<Record<(typeof NUMBERS)[number], number>>;
type Verdicts = ForgetReport['snapshots'];

const DAY = 86_400_000;
/** As long as anybody's files live. */
const ALWAYS = 100;
const REASONS: Record<KeptBy, string> = {
  last: 'newest', within: 'recent', hourly: 'of its hour', daily: 'of its day', weekly: 'of its week', monthly: 'of its month', yearly: 'of its year', tag: 'its label',
};

/** Everything of the last week, then fewer the older they get; never none. */
export const THIN: KeepRules = { last: 1, within: 7 * DAY, daily: 30, monthly: 12, yearly: ALWAYS };

/** The rules of one's own; nothing while they keep nothing. */
export function rulesOf({ within, ...counts }: Numbers): KeepRules | undefined {
  const rules: KeepRules = { ...counts, ...(within ? { within: within * DAY } : {}) };
  return Object.values(rules).some((value) => value > 0) ? rules : undefined;
}

/** A number as it was typed: whole and not negative, 0 where nothing was; nothing where it is none. */
export function typedNumber(text: string): number | undefined {
  return /^\s*\d{0,5}\s*$/.test(text) ? Number(text) : undefined;
}

/** Why a snapshot stays. */
export function reasons(kept: KeptBy[]): string {
  return kept.map((why) => REASONS[why]).join(', ');
}

export function going(verdicts: Verdicts): Snapshot[] {
  return verdicts.filter(({ kept }) => kept.length === 0).map(({ snapshot }) => snapshot);
}

/** Labels of which no snapshot would be left. */
export function emptied(verdicts: Verdicts): string[] {
  const left = new Set(verdicts.filter(({ kept }) => kept.length > 0).map(({ snapshot }) => snapshot.label));
  return [...new Set(verdicts.map(({ snapshot }) => snapshot.label))].filter((label) => !left.has(label));
}
