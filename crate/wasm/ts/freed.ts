/** Memory given back at once: a buffer that nobody needs would wait for the collector, which comes only after 64 MiB of them in each worker. */

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
