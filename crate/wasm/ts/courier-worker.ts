/** The courier: the one worker that reaches the network. It holds no key of a vault. Rust runs the rest (crate/courier/src). */
import { examine, find, initSync, serve } from '../generated/courier/courier.js';
import { dieLoudly, failed, type CourierErrand, type CourierStart, type WorkerScope } from './start.js';

const worker = self as unknown as WorkerScope<CourierStart | CourierErrand>;

dieLoudly();
worker.onmessage = async ({ data: start }) => {
  worker.onmessage = null;
  try {
    initSync({ module: start.module });
    if ('errand' in start) {
      worker.postMessage({ head: { done: await run(start) } });
      return;
    }
    serve(start.storage, start.engine);
    worker.postMessage({ head: { ready: {} } });
  } catch (error) {
    worker.postMessage(failed(error));
  }
};

function run({ storage, errand }: CourierErrand): Promise<unknown> {
  return errand === 'find' ? find(storage) : examine(storage, errand.examine.origin, errand.examine.provider);
}
