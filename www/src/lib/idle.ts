/** How long nobody has used something, and when that becomes too long. */

/** Somebody who reads is warned this long before. */
export const WARNING_SECONDS = 60;

export class Idle {
  #last: number;

  /** `minutes` without use are too long; `now` in milliseconds. */
  constructor(private readonly minutes: () => number, private readonly now: () => number = () => Date.now()) {
    this.#last = now();
  }

  /** Somebody is there. */
  touch(): void {
    this.#last = this.now();
  }

  /** Whole seconds left, from {@link WARNING_SECONDS} down to 0; nothing while there are more. */
  get left(): number | undefined {
    const left = Math.ceil((this.#last + this.minutes() * 60_000 - this.now()) / 1000);
    return left > WARNING_SECONDS ? undefined : Math.max(0, left);
  }
}
