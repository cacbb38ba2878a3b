/** One running engine for the page, started when it is first needed and ended with the vault. */

import { Strongroom } from 'strongroom';
import { serviceWorker } from './shell.ts';

let started: Promise<Strongroom> | undefined;

/** The broker is the server that this page came from. */
export const broker = { kind: 'broker', url: location.origin } as const;

/** Where people find this page again. */
export const address = location.origin + location.pathname;

/** The server is to know this browser no more as one that has opened the vault of that name. */
export async function forgetDevice(name: string): Promise<void> {
  await Strongroom.forgetDevice(broker, name);
}

/** Starts the workers, or gives those that run. A failed start is forgotten, so that the next call tries again. */
export function engine(): Promise<Strongroom> {
  started ??= Strongroom.start({ assets: { serviceWorker } }).catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

/** Starts the workers ahead of need; a failure shows when they are needed. */
export function warmUp(): void {
  engine().catch(() => undefined);
}

/** Ends the workers, and with them every key. */
export async function endEngine(): Promise<void> {
  const ending = started;
  started = undefined;
  await ending?.then((running) => running.close(), () => undefined);
}
