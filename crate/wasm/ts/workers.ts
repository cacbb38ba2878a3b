/** Starts the workers of one vault, joins them, and ends them (SECURITY.md, *In the page*). */
import { StrongroomError } from './errors.js';
import { Frame } from './frame.js';
import { lockOf, mourn } from './life.js';
import type { CourierErrand, CourierStart, Errand, Started, VaultStart } from './start.js';
import { answerCourier, courierStorage } from './storage.js';
import { trusted } from './trusted.js';
import type { ErrorCode, Isolation, StorageSpec, StrongroomOptions } from './types.js';

/** Compiled once, given to every worker: a crypto worker could not fetch it. */
export interface Modules { vault: WebAssembly.Module; courier: WebAssembly.Module }

const HANDSHAKE_MS = 20_000;
const LANES_MAX = 4;
/** What is read and not stored: two slices of 4 MiB for each lane, and four packs on their way, as many as a far storage gains from. */
const budgetOf = (lanes: number) => (lanes * 8 + 64) * 1024 * 1024;

/** Fetches and compiles both modules. */
export async function compileModules(assets: StrongroomOptions['assets'] = {}): Promise<Modules> {
  const [vault, courier] = await Promise.all([
    compile(assets.vaultWasm ?? new URL('./vault.wasm', import.meta.url)),
    compile(assets.courierWasm ?? new URL('./courier.wasm', import.meta.url)),
  ]);
  return { vault, courier };
}

async function compile(url: string | URL): Promise<WebAssembly.Module> {
  const broken = (why: string) => new StrongroomError('unavailable', `The engine could not be loaded from ${url} (${why}). Reload the page.`);
  const response = await fetch(url).catch((error: Error) => { throw broken(error.message); });
  if (!response.ok) throw broken(`status ${response.status}`);
  // A server that does not know the type of .wasm files must not keep anyone out.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** An engine, its lanes and its courier. */
export class Workers {
  readonly engine: Worker;
  /** By number; throwaway lanes come and go. */
  readonly lanes = new Map<number, Worker>();
  /** Of the worst guarded of them all. */
  isolation: Isolation;
  /** Told when the engine or the courier ends: there is no going on. */
  onLost = () => {};
  /** Told when a lane ends that should not; a new one can take its place. */
  onLaneDied: (lane: number) => void = () => {};
  /** Told when a lane wants these files opened once more. */
  onAgain: (lane: Worker, files: number[]) => void = () => {};
  /** The vault's key slots as they went through the courier, by path; of a bucket of the user's own only. */
  readonly slots: Map<string, ArrayBuffer>;
  readonly #courier: Worker;
  readonly #modules: Modules;
  readonly #options: StrongroomOptions;
  readonly #frame: Frame | undefined;

  private constructor(
    engine: Worker, courier: Worker, lanes: Worker[], isolation: Isolation, slots: Map<string, ArrayBuffer>, modules: Modules, options: StrongroomOptions, frame: Frame | undefined,
  ) {
    this.engine = engine;
    this.slots = slots;
    this.#courier = courier;
    lanes.forEach((lane, number) => this.lanes.set(number, lane));
    this.isolation = isolation;
    this.#modules = modules;
    this.#options = options;
    this.#frame = frame;
    for (const worker of [engine, courier]) mourn(worker, () => this.onLost());
    for (const [number, lane] of this.lanes) this.#attend(number, lane);
  }

  /**
   * Starts all workers of one vault over `storage` and waits until each has answered: as they are, where walls were found around them so; else
   * in a frame, where that has walls. No key is in them yet.
   */
  static async start(modules: Modules, storage: StorageSpec, options: StrongroomOptions): Promise<Workers> {
    const script = new URL(vaultScript(options), globalThis.location?.href).href;
    const workers = await Workers.#start(modules, storage, options, await frameThere(script));
    if (workers.#frame || workers.isolation === 'enforced') return workers;
    const frame = await frameFor(script, modules.vault);
    if (!frame) return workers;
    workers.end();
    return Workers.#start(modules, storage, options, frame);
  }

  static async #start(modules: Modules, storage: StorageSpec, options: StrongroomOptions, frame: Frame | undefined): Promise<Workers> {
    const count = options.lanes ?? Math.min(Math.max(globalThis.navigator?.hardwareConcurrency ?? 1, 1), LANES_MAX);
    const engine = vaultWorker('engine', options, frame);
    const courier = courierWorker(options);
    const lanes = Array.from({ length: count }, () => vaultWorker('lane', options, frame));
    try {
      const toCourier = new MessageChannel();
      const toLanes = lanes.map(() => new MessageChannel());
      const slots = new Map<string, ArrayBuffer>();
      answerCourier(courier, storage, slots);
      const lanePorts = toLanes.map(channel => channel.port1);
      const walls = await Promise.all([
        handshake(engine, {
          role: 'engine', module: modules.vault, lock: lockOf(engine), script: frame?.script, courier: toCourier.port1, lanes: lanePorts,
          options: { budget: options.budget ?? budgetOf(count) },
        }, [toCourier.port1, ...lanePorts]),
        ...lanes.map((lane, number) => {
          const port = toLanes[number]!.port2;
          return handshake(lane, { role: 'lane', module: modules.vault, lock: lockOf(lane), script: frame?.script, engine: port }, [port]);
        }),
        handshake(courier, { module: modules.courier, storage: courierStorage(storage), engine: toCourier.port2 }, [toCourier.port2])
          .then((): Isolation => 'enforced'),
      ]);
      const isolation = walls.every(wall => wall === 'enforced') ? 'enforced' : 'unenforced';
      return new Workers(engine, courier, lanes, isolation, slots, modules, options, frame);
    } catch (error) {
      for (const worker of [engine, courier, ...lanes]) worker.terminate();
      throw error;
    }
  }

  /** Starts a lane, in the place of the one of that number if there is one, and gives the port to reach it by. */
  async startLane(number: number): Promise<MessagePort> {
    this.endLane(number);
    const lane = vaultWorker('lane', this.#options, this.#frame);
    this.lanes.set(number, lane);
    const { port1, port2 } = new MessageChannel();
    const wall = await handshake(lane, { role: 'lane', module: this.#modules.vault, lock: lockOf(lane), script: this.#frame?.script, engine: port2 }, [port2]);
    this.#attend(number, lane);
    if (wall !== 'enforced') this.isolation = wall;
    return port1;
  }

  endLane(number: number): void {
    this.lanes.get(number)?.terminate();
    this.lanes.delete(number);
  }

  #attend(number: number, lane: Worker): void {
    lane.addEventListener('message', ({ data }: MessageEvent<{ again?: number[] }>) => {
      if (data.again) this.onAgain(lane, data.again);
    });
    mourn(lane, () => {
      if (this.lanes.get(number) !== lane) return;
      // After a trap nothing in it can be relied on.
      this.endLane(number);
      this.onLaneDied(number);
    });
  }

  /** Ends them all: what they knew is gone. */
  end(): void {
    for (const worker of [this.engine, this.#courier, ...this.lanes.values()]) worker.terminate();
    this.lanes.clear();
  }
}

/** By script; one serves all vaults of this page. Nothing where a frame was found to have no walls either. */
const frames = new Map<string, Promise<Frame | undefined>>();

/** The frame that was needed before, unless the app has taken it away. */
async function frameThere(script: string): Promise<Frame | undefined> {
  const frame = await frames.get(script);
  if (!frame || frame.isThere) return frame;
  frames.delete(script);
  return undefined;
}

function frameFor(script: string, module: WebAssembly.Module): Promise<Frame | undefined> {
  const frame = frames.get(script) ?? tryFrame(script, module).catch(() => undefined);
  frames.set(script, frame);
  return frame;
}

/** A frame in which a worker has found walls around it. */
async function tryFrame(script: string, module: WebAssembly.Module): Promise<Frame | undefined> {
  const frame = await Frame.open(script);
  let walls: Isolation = 'unenforced';
  try {
    const worker = frame.start('strongroom lane');
    const { port1 } = new MessageChannel();
    walls = await handshake(worker, { role: 'lane', module, script, engine: port1 }, [port1]).finally(() => worker.terminate());
  } finally {
    if (walls !== 'enforced') frame.close();
  }
  return walls === 'enforced' ? frame : undefined;
}

// The addresses stand here in the form that bundlers look for.
function vaultScript({ assets }: StrongroomOptions): string | URL {
  return assets?.vaultWorker ?? new URL('./vault-worker.js', import.meta.url);
}

function vaultWorker(role: 'engine' | 'lane', options: StrongroomOptions, frame: Frame | undefined): Worker {
  const name = `strongroom ${role}`;
  return frame ? frame.start(name) : new Worker(trusted(vaultScript(options)), { name });
}

function courierWorker({ assets }: StrongroomOptions): Worker {
  return new Worker(trusted(assets?.courierWorker ?? new URL('./courier.js', import.meta.url)), { name: 'strongroom courier' });
}

/** Has a courier of its own do one thing, and ends it. */
export function runErrand<R>({ courier: module }: Modules, options: StrongroomOptions, storage: StorageSpec, errand: Errand): Promise<R> {
  const worker = courierWorker(options);
  const start: CourierErrand = { module, storage: courierStorage(storage), errand };
  return new Promise<R>((resolve, reject) => {
    worker.addEventListener('error', event => reject(new StrongroomError('unavailable', `A worker did not start (${event.message}). Reload the page.`)));
    worker.addEventListener('message', ({ data }: MessageEvent<Started>) => {
      if (data.head?.failed) reject(new StrongroomError('unavailable', data.head.failed.message));
      else if (data.head && 'done' in data.head) resolve(data.head.done as R);
    });
    worker.postMessage(start);
  }).finally(() => worker.terminate());
}

/** Sends the first message and waits for its answer; a worker whose script fails says nothing by itself. */
async function handshake(worker: Worker, start: VaultStart | CourierStart, transfer: Transferable[]): Promise<Isolation> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, code: ErrorCode = 'internal') =>
      settle(() => reject(new StrongroomError(code, `A worker did not start (${why}). Check the connection and reload the page.`)));
    const limit = setTimeout(() => fail('no answer'), HANDSHAKE_MS);
    const onError = (event: ErrorEvent) => fail(event.message || 'its script could not be loaded', 'unavailable');
    const onMessage = ({ data }: MessageEvent<Started>) => {
      if (data.head?.failed) fail(data.head.failed.message);
      else if (data.head?.ready) {
        const { isolation } = data.head.ready;
        settle(() => resolve(isolation ?? 'unenforced'));
      }
    };
    const settle = (then: () => void) => {
      clearTimeout(limit);
      worker.removeEventListener('error', onError);
      worker.removeEventListener('message', onMessage);
      then();
    };
    worker.addEventListener('error', onError);
    worker.addEventListener('message', onMessage);
    worker.postMessage(start, transfer);
  });
}
