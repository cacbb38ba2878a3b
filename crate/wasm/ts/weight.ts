/** About how many bytes the restore of a selection gives. */
import type { Listing } from './types.js';

/** What a ZIP has for each file besides its bytes: two headers, a name in each, and a descriptor. */
const ZIP_ENTRY = 400;

/** Lists a folder of the snapshot. */
export type Lister = (path: string, options: { after?: string }) => Promise<Listing>;

/** `selection` as for a restore. */
export async function weightOf(selection: string[], list: Lister): Promise<number> {
  const wanted = new Map<string, Set<string>>();
  for (const path of selection) {
    // Everything is all that is in the root.
    if (path === '') return weightIn('', undefined, list);
    const cut = path.lastIndexOf('/');
    const folder = path.slice(0, Math.max(cut, 0));
    wanted.set(folder, (wanted.get(folder) ?? new Set()).add(path.slice(cut + 1)));
  }
  let sum = 0;
  for (const [folder, names] of wanted) sum += await weightIn(folder, names, list);
  return sum;
}

async function weightIn(folder: string, names: Set<string> | undefined, list: Lister): Promise<number> {
  let sum = 0;
  let after: string | undefined;
  do {
    const { entries, next } = await list(folder, after === undefined ? {} : { after });
    for (const { name, size, files } of entries) if (!names || names.delete(name)) sum += size + (files + 1) * ZIP_ENTRY;
    after = next;
  } while (after !== undefined && names?.size !== 0);
  return sum;
}
