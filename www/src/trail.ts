/**
 * The way back: the browser's Back and Forward move between views. Views stay in memory; the browser's history holds only
 * step numbers, because file names must not end up in it.
 */
export class Trail<View> {
  #views: View[] = [];
  #step = 0;
  /** Steps of an earlier trail, for instance of before the vault was unlocked, lead nowhere. */
  #era = '';
  readonly #show: (view: View) => void;

  constructor(first: View, show: (view: View) => void) {
    this.#show = show;
    this.start(first);
    addEventListener('popstate', (event) => this.#moved(event.state));
  }

  get view(): View {
    return this.#views[this.#step] as View;
  }

  /** Forgets the trail so far: nothing before this view can be gone back to. */
  start(view: View): void {
    // Not `randomUUID`: the page must come far enough to say that it was not opened securely.
    this.#era = crypto.getRandomValues(new Uint32Array(4)).join('-');
    this.#views = [view];
    this.#step = 0;
    history.replaceState(this.#mark(), '');
    this.#show(view);
  }

  go(view: View): void {
    this.#views = [...this.#views.slice(0, this.#step + 1), view];
    this.#step += 1;
    history.pushState(this.#mark(), '');
    this.#show(view);
  }

  back(): void {
    if (this.#step > 0) history.back();
  }

  #moved(state: unknown): void {
    const { era, step } = (state ?? {}) as { era?: string; step?: number };
    if (era === this.#era && step !== undefined && step < this.#views.length) {
      this.#step = step;
      this.#show(this.view);
    } else {
      history.pushState(this.#mark(), '');
    }
  }

  #mark(): { era: string; step: number } {
    return { era: this.#era, step: this.#step };
  }
}
