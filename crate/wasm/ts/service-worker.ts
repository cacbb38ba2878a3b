/** The service worker that downloads and open files go through: the app's own, or the package's. */
import { StrongroomError } from './errors.js';
import type { ToServiceWorker } from './streaming.js';
import { trusted } from './trusted.js';

const START_MS = 20_000;

/** A service worker of the app's own, with `serveDownloads` in it; else the package's. */
export type OwnServiceWorker = string | URL | undefined;

/** One that runs, and the address below which it answers. */
export interface Serving { worker: ServiceWorker; scope: string }

/** @throws StrongroomError `not_supported` where there can be none. */
export async function serviceWorker(own: OwnServiceWorker): Promise<Serving> {
  const registration = await registered(own);
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (!worker) throw new StrongroomError('internal', 'The service worker for downloads did not start. Reload the page.');
  if (worker.state !== 'activated') {
    await within(new Promise<void>(resolve => {
      worker.addEventListener('statechange', () => { if (worker.state === 'activated') resolve(); });
    }));
  }
  return { worker, scope: registration.scope };
}

/**
 * One that also answers what this page's elements ask for.
 * @throws StrongroomError `not_supported` where there can be none, or where it lies so that this page is not below it.
 */
export async function controllingServiceWorker(own: OwnServiceWorker): Promise<Serving> {
  const serving = await serviceWorker(own);
  if (!location.href.startsWith(serving.scope)) {
    throw new StrongroomError('not_supported', `The service worker answers only below ${serving.scope}, and this page is not there. Serve it beside the page, or from above.`);
  }
  const { serviceWorker: container } = navigator;
  // A page that was reloaded past its worker, or is older than it, has none.
  if (!container.controller) {
    const taken = new Promise<void>(resolve => container.addEventListener('controllerchange', () => resolve(), { once: true }));
    const claim: ToServiceWorker = 'strongroom claim';
    serving.worker.postMessage(claim);
    await within(taken);
  }
  return serving;
}

/** Waits for a step of the service worker's, but not for ever. */
export async function within(step: Promise<void>): Promise<void> {
  let limit: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new StrongroomError('internal', 'The service worker for downloads does not answer. Reload the page.')), START_MS);
  });
  await Promise.race([step, late]).finally(() => clearTimeout(limit));
}

/** Private windows, blocked site data and insecure pages have no service workers, each in a way of its own. */
async function registered(own: OwnServiceWorker): Promise<ServiceWorkerRegistration> {
  try {
    const script = own === undefined ? new URL('./sw.js', import.meta.url) : new URL(own, document.baseURI);
    // One that is there needs no network.
    const there = await navigator.serviceWorker.getRegistration(script);
    if (there?.active?.scriptURL === script.href) return there;
    return await navigator.serviceWorker.register(trusted(script));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('not_supported', `This browser cannot stream a download here (${why}). Restore into a folder instead, or use an ordinary window.`);
  }
}
