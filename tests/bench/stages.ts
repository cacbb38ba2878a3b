/** One stage at a time, in a worker: those of the core as wasm, and the browser's own ways in and out, as the package takes them. */
import type { Bytes } from './pipelines.ts';

/** `crate/stages`. */
interface Core {
  memory: WebAssembly.Memory;
  room(length: number): number;
  begin(): void;
  prepare(stage: number): void;
  run(stage: number): number;
}

export type ToStages =
  | { do: 'load'; data: string }
  | { do: 'core'; stage: number }
  | { do: 'read'; files: File[] }
  | { do: 'upload' }
  | { do: 'download' };
export interface Measured { bytes: number; seconds: number }
export type FromStages = Measured | { failed: string };

/** So long a stage is done again. */
const LEAST = 0.3;
/** Files of a batch that are read as one blob, as a lane does it (crate/wasm/src/source.rs). */
const TOGETHER = 32;
/** A slice of a large file. */
const SLICE = 4 << 20;
const room = new Uint8Array(SLICE);
/** Packs, and how many are under way at a time. */
const [PACK, PACKS, UNDER_WAY] = [16 << 20, 16, 2];

let core: Core;

addEventListener('message', ({ data }: MessageEvent<ToStages>) => {
  take(data).then(
    measured => postMessage(measured satisfies FromStages),
    (error: unknown) => postMessage({ failed: String(error) } satisfies FromStages),
  );
});

function take(message: ToStages): Promise<Measured> {
  switch (message.do) {
    case 'load': return load(message.data);
    case 'core': return run(message.stage);
    case 'read': return timed(() => read(message.files));
    case 'upload': return upload();
    case 'download': return timed(() => parallel(at => download(`up-${at}`)));
  }
}

async function load(data: string): Promise<Measured> {
  const { instance } = await WebAssembly.instantiateStreaming(fetch('/objects/stages.wasm'), {});
  core = instance.exports as unknown as Core;
  const bytes = new Uint8Array(await (await fetch(`/objects/${data}`)).arrayBuffer());
  const at = core.room(bytes.length);
  new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
  core.begin();
  return { bytes: bytes.length, seconds: 0 };
}

async function run(stage: number): Promise<Measured> {
  const all = { bytes: 0, seconds: 0 };
  while (all.seconds < LEAST) {
    core.prepare(stage);
    const start = performance.now();
    all.bytes += core.run(stage);
    all.seconds += (performance.now() - start) / 1000;
  }
  return all;
}

async function timed(work: () => Promise<number>): Promise<Measured> {
  const start = performance.now();
  const bytes = await work();
  return { bytes, seconds: (performance.now() - start) / 1000 };
}

async function read(files: File[]): Promise<number> {
  let bytes = 0;
  for (let at = 0; at < files.length; at += TOGETHER) {
    const blob = new Blob(files.slice(at, at + TOGETHER));
    for (let from = 0; from < blob.size; from += SLICE) bytes += await copy(blob.slice(from, from + SLICE));
  }
  return bytes;
}

/** As into the memory of wasm. */
async function copy(slice: Blob): Promise<number> {
  const bytes = new Uint8Array(await slice.arrayBuffer());
  room.set(bytes);
  return bytes.length;
}

async function upload(): Promise<Measured> {
  const packs = Array.from({ length: PACKS }, () => {
    const pack = new Uint8Array(PACK);
    for (let at = 0; at < PACK; at += 1 << 16) crypto.getRandomValues(pack.subarray(at, at + (1 << 16)));
    return pack;
  });
  return timed(() => parallel(async at => {
    const body: Bytes = packs[at]!;
    const response = await fetch(`/objects/up-${at}`, { method: 'PUT', body });
    if (!response.ok) throw new Error(`PUT: ${response.status}`);
    return body.length;
  }));
}

async function download(name: string): Promise<number> {
  return (await (await fetch(`/objects/${name}`)).arrayBuffer()).byteLength;
}

/** Each pack, some at a time. */
async function parallel(work: (pack: number) => Promise<number>): Promise<number> {
  let [next, bytes] = [0, 0];
  const one = async () => {
    while (next < PACKS) bytes += await work(next++);
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, one));
  return bytes;
}
