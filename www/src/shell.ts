/** The page as an installed app: its service worker, and the next release that waits behind it. */

import { trusted } from './lib/trusted.ts';
import { KEEP, TAKE_OVER, type TakeOverAnswer } from './to-worker.ts';

/** At most so often a page that stays open looks for a new release. */
const LOOK_MS = 3_600_000;

export const serviceWorker = '/sw.js';

/** Dispatches `change` whenever something that is shown is new. */
class Shell extends EventTarget {
  /** What stands between this page and another release. */
  state: 'newest' | 'waiting' | 'busy' | 'left' = 'newest';
  #registration: ServiceWorkerRegistration | undefined;
  #asked = false;
  #looked = Date.now();

  /** To be called once. Without service workers (a private window, blocked site data) the page works, only not without a network. */
  async start(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    const { serviceWorker: container } = navigator;
    let controlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      if (this.#asked) location.reload();
      else if (controlled) this.#become('left');
      controlled = true;
    });
    try {
      this.#registration = await container.register(trusted(serviceWorker), { updateViaCache: 'none' });
    } catch {
      return;
    }
    this.#registration.active?.postMessage(KEEP);
    this.#follow(this.#registration.installing);
    this.#registration.addEventListener('updatefound', () => this.#follow(this.#registration?.installing));
    document.addEventListener('visibilitychange', this.#look);
    this.#notice();
  }

  /** Goes on with the release that waits: this page is loaded anew, unless another tab is at work. */
  async takeOver(): Promise<void> {
    const waiting = this.#registration?.waiting;
    if (!waiting) return location.reload();
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<TakeOverAnswer>((resolve) => { port1.onmessage = ({ data }: MessageEvent<TakeOverAnswer>) => resolve(data); });
    this.#asked = true;
    waiting.postMessage(TAKE_OVER, [port2]);
    if (await answer === 'taken') return;
    this.#asked = false;
    this.#become('busy');
  }

  #follow(worker: ServiceWorker | null | undefined): void {
    worker?.addEventListener('statechange', () => this.#notice());
  }

  #notice(): void {
    if (this.#registration?.waiting && navigator.serviceWorker.controller) this.#become('waiting');
  }

  #become(state: Shell['state']): void {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }

  #look = () => {
    if (document.visibilityState !== 'visible' || Date.now() - this.#looked < LOOK_MS) return;
    this.#looked = Date.now();
    this.#registration?.update().catch(() => undefined);
  };
}

export const shell = new Shell();
