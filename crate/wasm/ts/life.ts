/**
 * Whether a worker lives. A trap is an `error` event, but a worker that is closed or killed ends without a word. A lock that it holds
 * all its life is let go by the browser whatever it dies of, and then whoever waits for that lock knows.
 */

const locks = new WeakMap<Worker, string>();

/** The name of the lock for this worker to hold; none where the browser has no locks (outside secure contexts). */
export function lockOf(worker: Worker): string | undefined {
  if (!globalThis.navigator?.locks) return undefined;
  const lock = locks.get(worker) ?? `strongroom worker ${crypto.randomUUID()}`;
  locks.set(worker, lock);
  return lock;
}

/** In the worker: resolves once the lock is held, to the end of its life; or at once where the browser refuses, as with site data blocked. */
export async function live(lock: string | undefined): Promise<void> {
  if (lock === undefined) return;
  await new Promise<void>(held => {
    navigator.locks.request(lock, () => {
      held();
      return new Promise(() => {});
    }).catch(() => held());
  });
}

/** On the page, once the worker has answered: calls when it is dead, perhaps more than once. */
export function mourn(worker: Worker, onDeath: () => void): void {
  worker.addEventListener('error', onDeath);
  worker.addEventListener('messageerror', onDeath);
  const lock = locks.get(worker);
  // Refused here means refused to the worker too: then a trap is still heard, and only a silent end is not.
  if (lock !== undefined) navigator.locks.request(lock, onDeath).catch(() => undefined);
}
