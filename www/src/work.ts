/** Work that a reload would cut off. While there is some in any tab a lock is held, which tabs and the service worker see. */

/** The lock's name; work shares it. */
export const WORK = 'strongroom work';

/** From now on, until what comes back is called. */
export function atWork(): () => void {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => { end = resolve; });
  // A browser without locks has no service workers that would ask.
  void navigator.locks?.request(WORK, { mode: 'shared' }, () => ended).catch(() => undefined);
  return end;
}
