/**
 * Walls where nobody sends the crypto workers' policy (SECURITY.md, *Where the keys are*): a sandboxed frame that has the policy in itself. Workers
 * that are started in it from a blob have the policy of the frame; no script runs in the frame itself.
 */
import { trusted, trustedMarkup } from './trusted.js';

/** That of `vault-worker.js` where a server sends it, and the one thing that the frame itself has to do. */
const POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'none'; worker-src blob:";

export class Frame {
  readonly #element: HTMLIFrameElement;
  readonly #scope: Window & typeof globalThis;
  /** The script, as a blob of the frame. */
  readonly #blob: string;
  /** The script's address on the network. */
  readonly script: string;

  private constructor(element: HTMLIFrameElement, script: string, text: string) {
    this.#element = element;
    this.#scope = element.contentWindow as Window & typeof globalThis;
    this.script = script;
    this.#blob = this.#scope.URL.createObjectURL(new this.#scope.Blob([text], { type: 'text/javascript' }));
  }

  /** A frame in this document. Ends with an error where there is no document, or where the page's own policy lets no such frame in. */
  static async open(script: string): Promise<Frame> {
    const text = await (await fetch(script)).text();
    const element = document.createElement('iframe');
    element.sandbox.add('allow-scripts', 'allow-same-origin');
    element.style.display = 'none';
    element.srcdoc = trustedMarkup(`<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}">`);
    await new Promise(loaded => {
      element.addEventListener('load', loaded, { once: true });
      // Beside the body, which is the app's.
      document.documentElement.append(element);
    });
    try {
      return new Frame(element, script, text);
    } catch (error) {
      element.remove();
      throw error;
    }
  }

  start(name: string): Worker {
    return new this.#scope.Worker(trusted(this.#blob, this.#scope), { name });
  }

  /** Whether the app has left it where it is; its workers die with it. */
  get isThere(): boolean { return this.#element.isConnected; }

  close(): void { this.#element.remove(); }
}

/**
 * A message as one of this page's own objects: what a worker in a frame sends is made of the frame's, of which no `instanceof` of the page knows.
 */
export function asOwn<T extends object>(message: T, transfer: Transferable[] = []): T {
  return message instanceof Object ? message : structuredClone(message, { transfer });
}
