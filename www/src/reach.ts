/** Whether the server of this page answers. The page itself opens without it, once it was opened with it. */

import { about } from './storage.ts';

/** Dispatches `change` when that is another. */
class Reach extends EventTarget {
  /** It was asked and did not answer. */
  lost = false;
  looking = false;

  constructor() {
    super();
    addEventListener('online', () => void this.look());
    addEventListener('offline', () => void this.look());
  }

  async look(): Promise<void> {
    this.looking = true;
    this.dispatchEvent(new Event('change'));
    this.lost = await about().then(() => false, () => true);
    this.looking = false;
    this.dispatchEvent(new Event('change'));
  }
}

export const reach = new Reach();
