/** What to say of the room that a vault has at its server. */

import type { Plan, Progress, Quota } from 'strongroom';
import { bytes } from './format.ts';

/** Bytes that a plan has to store at most, before anything is compressed or found to be there. */
export function neededBy(plan: Plan): number {
  return plan.newBytes + plan.changedBytes;
}

/** Bytes that a back up under way still has to store at most. */
export function stillNeeded({ bytesTotal, bytesRead, bytesNew, bytesStored }: Progress): number {
  return Math.max(0, bytesTotal - bytesRead) + Math.max(0, bytesNew - bytesStored);
}

/** Bytes by which that may be too much; nothing where it fits, or nobody knows. */
export function missing(quota: Quota | undefined, needed: number): number {
  return quota?.limit === undefined ? 0 : Math.max(0, needed - Math.max(0, quota.limit - quota.used));
}

/** How much is used, how much is needed, and what to do, for one whose back up has no room. */
export function roomText(quota: Quota, needed: number): string {
  const used = quota.limit === undefined ? `This vault uses ${bytes(quota.used)}; the server’s storage as a whole is full` : `${bytes(quota.used)} of ${bytes(quota.limit)} are used`;
  return `${used}, and this back up has up to ${bytes(needed)} to store. Ask whoever runs the server for more room: it goes on by itself once there is some. `
    + 'Or cancel, and leave something out the next time; what is stored stays stored.';
}
