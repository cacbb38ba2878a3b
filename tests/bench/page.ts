/** A page that backs up what is dropped on it and restores it into a folder, by one of the pipelines; driven by the benchmark. */
import { put } from './backup.ts';
import type { FromWorker, Stored, ToWorker } from './messages.ts';
import { type Name, type Pipeline, load } from './pipelines.ts';
import { get, unpacked } from './restore.ts';
import type { FromStages, Measured, ToStages } from './stages.ts';

/** Handed to a worker at one time. */
const TOGETHER = { files: 256, bytes: 8 << 20 };
/** Files whose size is asked for at one time. */
const ASKED = 64;

/** What TypeScript does not know of yet. */
declare global {
  interface DataTransferItem { getAsFileSystemHandle(): Promise<FileSystemHandle | null> }
  interface FileSystemHandle { requestPermission(options: { mode: 'readwrite' }): Promise<PermissionState> }
}

interface Index { folders: string[]; parts: Stored[][] }

let workers: Worker[];
let stages: Worker[] = [];
let held: File[];
let pipeline: Pipeline;
let dropped: Promise<{ at: number; handle: Promise<FileSystemDirectoryHandle> }>;
let index: { nonce: number[]; hash: number[]; length: number };

addEventListener('dragover', event => event.preventDefault());

const bench = {
  /** As many as the tab has. */
  lanes(): number {
    return Math.min(Math.max(navigator.hardwareConcurrency, 1), 4);
  },

  async begin(name: Name): Promise<void> {
    const key = crypto.getRandomValues(new Uint8Array(32));
    pipeline = await load(name, key);
    workers = Array.from({ length: this.lanes() }, () => new Worker('/worker.js', { type: 'module' }));
    await Promise.all(workers.map((worker, number) => ask(worker, { do: 'load', name, key, worker: number }, () => {})));
  },

  /** To be called before something is dropped: the clock starts with the drop. */
  await(): void {
    dropped = new Promise(done => addEventListener('drop', event => {
      event.preventDefault();
      const handle = event.dataTransfer!.items[0]!.getAsFileSystemHandle() as Promise<FileSystemDirectoryHandle>;
      done({ at: performance.now(), handle });
    }, { once: true }));
  },

  async backUp(): Promise<{ seconds: number }> {
    const { at, handle } = await dropped;
    const [files, folders]: [[string, File][], string[]] = [[], []];
    await walk(await handle, (await handle).name, files, folders);
    // The largest first, so that no worker ends long after the others.
    files.sort(([, left], [, right]) => right.size - left.size);
    let next = 0;
    const some = () => {
      const from = next;
      let bytes = 0;
      while (next < files.length && next - from < TOGETHER.files && bytes < TOGETHER.bytes) bytes += files[next++]![1].size;
      return { do: 'backUp', files: files.slice(from, next) } as const;
    };
    const parts = await Promise.all(workers.map(worker => ask(worker, some(), () => worker.postMessage(some()))));
    const plain = new TextEncoder().encode(JSON.stringify({ folders, parts } satisfies Index));
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await pipeline.seal(await pipeline.compress(plain), nonce);
    index = { nonce: [...nonce], hash: [...await pipeline.hash(plain)], length: sealed.length };
    await put('index', sealed);
    return { seconds: (performance.now() - at) / 1000 };
  },

  /** Into the dropped folder. */
  async restore(): Promise<{ seconds: number }> {
    const root = await (await dropped).handle;
    await root.requestPermission({ mode: 'readwrite' });
    const start = performance.now();
    const chunk = { object: 'index', offset: 0, packed: true, ...index };
    const plain = await unpacked(chunk, await get('index'), pipeline);
    const { folders, parts }: Index = JSON.parse(new TextDecoder().decode(plain));
    for (const path of folders) {
      let folder = root;
      for (const name of path.split('/')) folder = await folder.getDirectoryHandle(name, { create: true });
    }
    await Promise.all(parts.map((files, at) => ask(workers[at]!, { do: 'restore', files, root }, () => {})));
    return { seconds: (performance.now() - start) / 1000 };
  },

  /** Workers that have the core as wasm, and these bytes, to measure stages with. */
  async beginStages(data: string, count: number): Promise<void> {
    stages.forEach(worker => worker.terminate());
    stages = Array.from({ length: count }, () => new Worker('/stages.js', { type: 'module' }));
    await this.stage({ do: 'load', data });
  },

  /** One stage, in all workers at once: the bytes of all, in the time of the slowest. */
  async stage(message: ToStages): Promise<Measured> {
    const all = await Promise.all(stages.map(worker => new Promise<Measured>((done, failed) => {
      worker.onerror = event => failed(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<FromStages>) => 'failed' in data ? failed(new Error(data.failed)) : done(data);
      worker.postMessage(message);
    })));
    return { bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), seconds: Math.max(...all.map(({ seconds }) => seconds)) };
  },

  /** Keeps the files of what is dropped. */
  async hold(): Promise<void> {
    const files: [string, File][] = [];
    await walk(await (await dropped).handle, '', files, []);
    held = files.map(([, file]) => file);
  },

  /** Some at a time, as the workers are fed: Chromium never delivers a message with ten thousand files. */
  async readHeld(): Promise<Measured> {
    const all = { bytes: 0, seconds: 0 };
    for (let at = 0; at < held.length; at += TOGETHER.files) {
      const { bytes, seconds } = await this.stage({ do: 'read', files: held.slice(at, at + TOGETHER.files) });
      all.bytes += bytes;
      all.seconds += seconds;
    }
    return all;
  },
};

/** Sends a message and waits for the end of what it starts; meanwhile the worker may be hungry. */
function ask(worker: Worker, message: ToWorker, feed: () => void): Promise<Stored[]> {
  return new Promise((done, failed) => {
    worker.onerror = event => failed(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.is === 'hungry') feed();
      else if (data.is === 'failed') failed(new Error(data.why));
      else done(data.is === 'stored' ? data.files : []);
    };
    worker.postMessage(message);
  });
}

async function walk(folder: FileSystemDirectoryHandle, path: string, files: [string, File][], folders: string[]): Promise<void> {
  folders.push(path);
  let asked: Promise<void>[] = [];
  const below: Promise<void>[] = [];
  for await (const child of folder.values()) {
    const at = `${path}/${child.name}`;
    if (child.kind === 'directory') below.push(walk(child as FileSystemDirectoryHandle, at, files, folders));
    else asked.push((child as FileSystemFileHandle).getFile().then(file => { files.push([at, file]); }));
    if (asked.length >= ASKED) {
      await Promise.all(asked);
      asked = [];
    }
  }
  await Promise.all([...asked, ...below]);
}

Object.assign(globalThis, { bench });
