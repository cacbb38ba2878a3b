/**
 * Engine or lane: the workers that hold keys. A classic script that holds all its code, because its policy lets it load
 * nothing; the module comes by message. Rust runs the rest (crate/wasm/src).
 */
import { initSync, run_engine, run_lane } from '../generated/vault/vault.js';
import { live } from './life.js';
import { dieLoudly, failed, type VaultStart, type WorkerScope } from './start.js';
import { isSecond, probeWalls } from './walls.js';

const worker = self as unknown as WorkerScope<VaultStart>;

if (!isSecond()) begin();

function begin(): void {
  dieLoudly();
  worker.onmessage = async ({ data: start }) => {
    worker.onmessage = null;
    try {
      await live(start.lock);
      initSync({ module: start.module });
      // From here on Rust listens to this worker's messages.
      if (start.role === 'engine') run_engine(start.courier, start.lanes, start.options);
      else run_lane(start.engine);
      worker.postMessage({ head: { ready: { isolation: await probeWalls(start.script) } } });
    } catch (error) {
      worker.postMessage(failed(error));
    }
  };
}
