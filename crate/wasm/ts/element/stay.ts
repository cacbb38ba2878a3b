/** Reasons to stay on the page, of all its elements: while there is one, leaving asks first; while one of them is work, the screen stays on. */

let reasons = 0;
let works = 0;
let lock: WakeLockSentinel | undefined;

/** Leaving the page would lose something, until what comes back is called. */
export function askBeforeLeaving(): () => void {
  if (reasons++ === 0) addEventListener('beforeunload', ask);
  return once(() => { if (--reasons === 0) removeEventListener('beforeunload', ask); });
}

/** Something is at work until what comes back is called: it would be lost, and a computer that falls asleep would stop it. */
export function atWork(): () => void {
  const stay = askBeforeLeaving();
  if (works++ === 0) document.addEventListener('visibilitychange', stayAwake);
  void stayAwake();
  return once(() => {
    stay();
    if (--works > 0) return;
    document.removeEventListener('visibilitychange', stayAwake);
    void lock?.release();
  });
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** Browsers let go when the tab is hidden: it is asked for again whenever it is seen. */
async function stayAwake(): Promise<void> {
  if (lock || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
  try {
    const taken = await navigator.wakeLock.request('screen');
    if (lock || works === 0) return void taken.release();
    lock = taken;
    taken.addEventListener('release', () => { lock = undefined; });
  } catch {
    // An empty battery, or a browser that refuses: the work goes on all the same.
  }
}

function once(end: () => void): () => void {
  let over = false;
  return () => {
    if (!over) end();
    over = true;
  };
}
