/** Keeps the screen, and with it the computer, awake while something runs. */

export class Awake {
  #lock: WakeLockSentinel | undefined;
  #wanted = false;
  readonly #changed: () => void;

  /** `changed` is called when {@link held} is another. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether the browser keeps the screen awake now. */
  get held(): boolean {
    return this.#lock !== undefined;
  }

  want(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    document.addEventListener('visibilitychange', this.#take);
    void this.#take();
  }

  release(): void {
    this.#wanted = false;
    document.removeEventListener('visibilitychange', this.#take);
    void this.#lock?.release();
  }

  /** Browsers let go when the tab is hidden: it is asked for again whenever it is seen. */
  #take = async () => {
    if (!this.#wanted || this.#lock || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      const lock = await navigator.wakeLock.request('screen');
      this.#lock = lock;
      lock.addEventListener('release', () => {
        this.#lock = undefined;
        this.#changed();
      });
      if (!this.#wanted) return void lock.release();
      this.#changed();
    } catch {
      // An empty battery, or a browser that refuses: the run goes on all the same.
    }
  };
}
