/** Reads parts of what was chosen: here, or where a browser lets no worker of a page from disk do so (WebKit), on the page's thread. */
import type { FileNumber, FromWorker, ToWorker } from './messages.js';
import type { Stored } from './objects.js';

interface Asked { resolve(bytes: Uint8Array<ArrayBuffer>): void; reject(error: unknown): void }

export class Reading {
  readonly #post: (message: FromWorker) => void;
  readonly #asked = new Map<number, Asked>();
  #next = 1;
  /** It was seen that only the page can read. */
  #byPage = false;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  stored(file: File, number: FileNumber): Stored {
    const isHere = () => !this.#byPage;
    return {
      size: file.size,
      get file() { return isHere() ? file : undefined; },
      read: (start, end) => this.#read(file, number, start, end),
    };
  }

  heard(message: Extract<ToWorker, { read: number }>): void {
    const asked = this.#asked.get(message.read);
    this.#asked.delete(message.read);
    if ('bytes' in message) asked?.resolve(new Uint8Array(message.bytes));
    else asked?.reject(new DOMException(message.failed.message, message.failed.name));
  }

  async #read(file: File, number: FileNumber, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#byPage) {
      try {
        return new Uint8Array(await file.slice(start, end).arrayBuffer());
      } catch (error) {
        if (!(error instanceof DOMException) || error.name !== 'NotReadableError') throw error;
      }
    }
    const bytes = await new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      const read = this.#next++;
      this.#asked.set(read, { resolve, reject });
      this.#post({ read, number, start, end });
    });
    this.#byPage = true;
    return bytes;
  }
}
