/** The first message to each worker, and its answer. */
import type { BucketAddress, BucketKeys, Isolation } from './types.js';

/** Of every worker that is to be missed when it dies. */
interface Mortal { /** The name of a lock to hold as long as it lives; see `life.ts`. */ lock?: string | undefined }
/** Of a worker whose own address is a blob: where its script lies on the network. */
interface Framed { script?: string | undefined }
export interface EngineStart extends Mortal, Framed { role: 'engine'; module: WebAssembly.Module; courier: MessagePort; lanes: MessagePort[]; options: EngineOptions }
export interface LaneStart extends Mortal, Framed { role: 'lane'; module: WebAssembly.Module; engine: MessagePort }
export type VaultStart = EngineStart | LaneStart;
export interface EngineOptions { /** Bytes read and not stored yet, at one time. */ budget: number }

/** Something to do instead of serving an engine; answered with `done`. */
export type Errand = 'find' | { examine: { origin: string; provider?: string } };
export interface CourierErrand { module: WebAssembly.Module; storage: CourierStorage; errand: Errand }
export interface CourierStart { module: WebAssembly.Module; storage: CourierStorage; engine: MessagePort }
export type CourierStorage =
  | { kind: 'broker'; url: string }
  /** `sign` and `list` are asked of the page. */
  | { kind: 'custom' }
  | ({ kind: 's3' } & BucketAddress & BucketKeys)
  | { kind: 'directory'; handle: FileSystemDirectoryHandle }
  /** Everything is asked of the page. */
  | { kind: 'page' };

/** The answer. */
export interface Started { head: { ready?: { isolation?: Isolation }; done?: unknown; failed?: { message: string } } }

/** What an entry needs of its worker's global scope. */
export interface WorkerScope<First> {
  onmessage: ((event: MessageEvent<First>) => void) | null;
  postMessage(message: Started): void;
}

/**
 * A trap in one of Rust's tasks is a rejected promise that nobody sees. Thrown again it becomes the `error` event of the
 * worker, by which the page knows that this worker is lost.
 */
export function dieLoudly(): void {
  self.addEventListener('unhandledrejection', event => {
    setTimeout(() => { throw event.reason; });
  });
}

export function failed(error: unknown): Started {
  return { head: { failed: { message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) } } };
}
