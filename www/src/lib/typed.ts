/** What somebody types in a list to go to a name: letters in quick succession belong together. */

const PAUSE_MS = 900;

export class Typed {
  #text = '';
  #at = 0;

  /** Takes a letter in, and gives the place of the name to go to; -1 if there is none. `now` in milliseconds. */
  type(letter: string, now: number, names: { readonly length: number; at(index: number): string }, from: number): number {
    const fresh = now - this.#at > PAUSE_MS;
    this.#text = (fresh ? '' : this.#text) + letter.toLocaleLowerCase();
    this.#at = now;
    // The same letter again goes on to the next name that begins with it.
    const [first = ''] = this.#text;
    const again = this.#text.length > 1 && [...this.#text].every((other) => other === first);
    const wanted = again ? first : this.#text;
    const start = fresh || again ? from + 1 : from;
    for (let step = 0; step < names.length; step++) {
      const index = (Math.max(0, start) + step) % names.length;
      if (names.at(index).slice(0, wanted.length).toLocaleLowerCase() === wanted) return index;
    }
    return -1;
  }

  /** The row is shown only now: whoever waits for it is not pausing. */
  shown(now: number): void {
    this.#at = now;
  }

  /** What comes next begins anew. */
  end(): void {
    this.#text = '';
  }

  /** Whether a space now belongs to what is typed. */
  isTyping(now: number): boolean {
    return this.#text !== '' && now - this.#at <= PAUSE_MS;
  }
}
