/**
 * Memory given back at once. A browser collects buffers when there are many of them, but does not count those that came by message: left
 * to it, some hundreds of megabytes of them lie about.
 */

let nowhere: MessagePort | undefined;

/** Gives away the memory of these bytes: sent where nobody listens. They are empty afterwards. */
export function free(buffer: ArrayBufferLike): void {
  if (!nowhere) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) nowhere.postMessage(null, [buffer]);
}
