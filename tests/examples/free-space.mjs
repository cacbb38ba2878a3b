/**
 * Forgets the snapshots that rules do not keep, and frees what only they needed; `agree` is told first what goes and what that frees.
 * `secret` is wanted where a Strongroom server keeps the vault.
 */
export async function freeSpace(vault, rules, { secret, agree, signal }) {
  const { snapshots } = await vault.forget(rules, { preview: true, signal });
  const going = snapshots.filter(({ kept }) => kept.length === 0).map(({ snapshot }) => snapshot);
  const without = going.map(({ id }) => id);
  const { plan } = await vault.prune({ preview: true, without, signal }).done;
  if (!await agree(going, plan.bytesFreed)) return undefined;
  // By name: what is forgotten is what was shown.
  if (going.length > 0) await vault.forget({ snapshots: without });
  // Erases what was pruned long enough ago. What is needless now waits: `vault.cancelErasure(report.erasure)` brings all of it back.
  return vault.prune({ secret, signal }).done;
}
