/** A download that is written as a stream: into a file the user picks, or through a service worker (`streaming.ts`). */
import { StrongroomError } from './errors.js';
import type { FromDownload, ToDownload } from './streaming.js';
import { trusted } from './trusted.js';

/** Firefox stops a service worker after 30 s even in the middle of a stream, unless it gets a message. */
const PING_MS = 10_000;
const START_MS = 20_000;
/** Chunks on their way to the service worker. */
const AHEAD = 4;

interface Picker { showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle> }

/** A file chosen in a save dialogue; nothing where there is no dialogue, or nobody who just clicked. */
export async function pickFile(name: string): Promise<WritableStream<Uint8Array> | undefined> {
  const picker = globalThis as Picker;
  if (!picker.showSaveFilePicker || !navigator.userActivation?.isActive) return undefined;
  try {
    const handle = await picker.showSaveFilePicker({ suggestedName: name });
    return await handle.createWritable() as WritableStream<Uint8Array>;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw new StrongroomError('cancelled', 'No file was chosen.');
    return undefined;
  }
}

/** A service worker of the app's own, with `serveDownloads` in it; else the package's. */
export type OwnServiceWorker = string | URL | undefined;

/** A download by the browser's own means. `size` in bytes where it is known, for its progress bar. */
export async function openDownload(name: string, size: number | undefined, own: OwnServiceWorker): Promise<WritableStream<Uint8Array>> {
  const { worker, scope } = await serviceWorker(own);
  const id = crypto.randomUUID();
  const { port1: port, port2 } = new MessageChannel();
  const send = (message: ToDownload, transfer: Transferable[] = []) => port.postMessage(message, transfer);
  let credit = AHEAD;
  let wake = () => {};
  let broken: StrongroomError | undefined;
  const ready = new Promise<void>(resolve => {
    port.onmessage = ({ data }: MessageEvent<FromDownload>) => {
      if (data === 'ready') resolve();
      else if (data === 'taken') credit++;
      else broken = new StrongroomError('cancelled', 'The download was cancelled in the browser.');
      wake();
    };
  });
  worker.postMessage({ download: { id, name, size } }, [port2]);
  await within(ready, START_MS);
  const ping = setInterval(() => worker.postMessage('ping'), PING_MS);
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.src = `${scope}strongroom-download/${id}`;
  document.body.append(frame);
  const end = () => {
    clearInterval(ping);
    // The frame may go only when the browser has taken the download over; it costs nothing until then.
    setTimeout(() => frame.remove(), PING_MS);
  };
  return new WritableStream({
    async write(chunk) {
      while (credit <= 0 && !broken) await new Promise<void>(resolve => { wake = resolve; });
      if (broken) {
        end();
        throw broken;
      }
      credit--;
      send({ chunk }, [chunk.buffer]);
    },
    async close() {
      while (credit < AHEAD && !broken) await new Promise<void>(resolve => { wake = resolve; });
      send('end');
      end();
    },
    abort() {
      send('abort');
      end();
    },
  });
}

async function serviceWorker(own: OwnServiceWorker): Promise<{ worker: ServiceWorker; scope: string }> {
  const registration = await registered(own);
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (!worker) throw new StrongroomError('internal', 'The service worker for downloads did not start. Reload the page.');
  if (worker.state !== 'activated') {
    await within(new Promise<void>(resolve => {
      worker.addEventListener('statechange', () => { if (worker.state === 'activated') resolve(); });
    }), START_MS);
  }
  return { worker, scope: registration.scope };
}

/** Private windows, blocked site data and insecure pages have no service workers, each in a way of its own. */
async function registered(own: OwnServiceWorker): Promise<ServiceWorkerRegistration> {
  try {
    const script = own === undefined ? new URL('./sw.js', import.meta.url) : new URL(own, document.baseURI);
    // One that is there needs no network.
    const there = await navigator.serviceWorker.getRegistration(script);
    if (there?.active?.scriptURL === script.href) return there;
    return await navigator.serviceWorker.register(trusted(script));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('not_supported', `This browser cannot stream a download here (${why}). Restore into a folder instead, or use an ordinary window.`);
  }
}

async function within(step: Promise<void>, milliseconds: number): Promise<void> {
  let limit: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new StrongroomError('internal', 'The service worker for downloads does not answer. Reload the page.')), milliseconds);
  });
  await Promise.race([step, late]).finally(() => clearTimeout(limit));
}
