/**
 * Memory given back at once. A browser collects buffers when there are many of them, but does not count those that came by message: left
 * to it, some hundreds of megabytes of them lie about.
 */

let nowhere: MessagePort | undefined;

/** After so many bytes of buffers V8 collects garbage. */
const COLLECTED_AFTER = 64 * 1024 * 1024;
/** Of the browser's own objects, before it is hastened to collect them. */
const LET_GO = 2_000;

let gone = 0;

/** Gives away the memory of these bytes: sent where nobody listens. They are empty afterwards. */
export function free(buffer: ArrayBufferLike): void {
  if (!nowhere) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) nowhere.postMessage(null, [buffer]);
}

/**
 * One of the browser's own objects, a file, an entry or a handle, is not used any more. Chromium hardly counts them, and collects them late;
 * a buffer counts, and takes no memory where nobody touches it.
 */
export function letGo(): void {
  if (++gone < LET_GO) return;
  gone = 0;
  try {
    void new ArrayBuffer(COLLECTED_AFTER);
  } catch {
    // A browser that has not so many bytes left has collected before it says so.
  }
}
