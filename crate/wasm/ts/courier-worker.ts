/** The courier: the one worker that reaches the network. It holds no key. Rust runs the rest (crate/courier/src). */
import { initSync, serve } from '../generated/courier/courier.js';
import { dieLoudly, failed, type CourierStart, type WorkerScope } from './start.js';

const worker = self as unknown as WorkerScope<CourierStart>;

dieLoudly();
worker.onmessage = ({ data: start }) => {
  worker.onmessage = null;
  try {
    initSync({ module: start.module });
    serve(start.storage, start.engine);
    worker.postMessage({ head: { ready: {} } });
  } catch (error) {
    worker.postMessage(failed(error));
  }
};
