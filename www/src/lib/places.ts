/**
 * Which element draws which of many rows: an element whose row went out of sight takes one that came into sight, since changing one takes much
 * less than making one.
 */
export class Places {
  #taken = new Map<string, number>();
  #made = 0;

  /** A place for each of these rows, by its path. A row that was there before keeps its own, and with it the focus. */
  of(paths: readonly string[]): number[] {
    const rows = new Set(paths);
    const free = [...this.#taken].filter(([path]) => !rows.has(path)).map(([, place]) => place);
    // Of rows that moved by some, those at one end go to the other: from the far end on, so that no other element has to move.
    const stay = paths.filter(path => this.#taken.has(path)).length;
    if (stay > 1) free.reverse();
    const taken = new Map<string, number>();
    const places = paths.map(path => {
      const place = this.#taken.get(path) ?? free.shift() ?? this.#made++;
      taken.set(path, place);
      return place;
    });
    // What is left over is taken out of the page.
    this.#taken = taken;
    return places;
  }
}
