/** Locks what nobody uses: the keys are in this tab for as long as it is unlocked. */

const MINUTES = 15;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'];

/** Calls `lock` once nobody has touched the page for some minutes while `lockable` holds. */
export function watchIdle(lockable: () => boolean, lock: (minutes: number) => void): void {
  let last = Date.now();
  for (const sign of SIGNS) addEventListener(sign, () => { last = Date.now(); }, { capture: true, passive: true });
  const look = () => {
    if (!lockable()) last = Date.now();
    else if (Date.now() - last >= MINUTES * 60_000) lock(MINUTES);
  };
  setInterval(look, 20_000);
  // Timers stand still while a computer sleeps.
  addEventListener('visibilitychange', look);
}
