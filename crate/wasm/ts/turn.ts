/** Turns of the page's thread: long work lets what a person does come in between. */

/** Short enough to be felt on no machine that is ten times as slow: ms. */
const MOST_MS = 10;

/** When this turn began, as far as is known here. */
let began = 0;

/** To be awaited between two steps of long work: another turn if this one is long, else nothing. */
export function turn(): Promise<void> | undefined {
  if (performance.now() - began < MOST_MS) return undefined;
  return new Promise(resolve => {
    // Timers wait longer than a step takes; a channel of its own, since an open one would keep other hosts than a page from ending.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      began = performance.now();
      resolve();
    };
    port2.postMessage(null);
  });
}
