/** One running engine for the page, started when it is first needed and ended with the vault. */

import { Strongroom, type StorageSpec } from 'strongroom';

let started: Promise<Strongroom> | undefined;

/** The broker is the server that this page came from. */
export const broker: StorageSpec = { kind: 'broker', url: location.origin };

/** Where people find this page again. */
export const address = location.origin + location.pathname;

/** Starts the workers, or gives those that run. A failed start is forgotten, so that the next call tries again. */
export function engine(): Promise<Strongroom> {
  started ??= Strongroom.start().catch((error: unknown) => {
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
