/** A download that is written as a stream: into a file the user picks, or through a service worker (`streaming.ts`). */
import { StrongroomError } from './errors.js';
import { Outlet, PING_MS } from './outlet.js';
import { serviceWorker, within, type OwnServiceWorker } from './service-worker.js';
import type { ToServiceWorker } from './streaming.js';

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

/** A download by the browser's own means. `size` in bytes where it is known, for its progress bar. */
export async function openDownload(name: string, size: number | undefined, own: OwnServiceWorker): Promise<WritableStream<Uint8Array>> {
  const { worker, scope } = await serviceWorker(own);
  const id = crypto.randomUUID();
  const { port1, port2 } = new MessageChannel();
  const frame = document.createElement('iframe');
  // The frame may go only when the browser has taken the download over; it costs nothing until then.
  const outlet = new Outlet(worker, id, port1, () => setTimeout(() => frame.remove(), PING_MS));
  const message: ToServiceWorker = { download: { id, name, size } };
  worker.postMessage(message, [port2]);
  await within(outlet.ready);
  frame.hidden = true;
  frame.src = `${scope}strongroom-download/${id}`;
  document.body.append(frame);
  return new WritableStream(outlet);
}
