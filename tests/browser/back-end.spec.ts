import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type * as Package from '../../crate/wasm/dist/index.js';
import type { Bucket } from './support/buckets.ts';
import { listening } from './support/listening.ts';
import type { Profile } from './support/profile.ts';
import { program, TOP } from './support/programs.ts';
import { tryEverything } from './support/walls.ts';
import { expect, test, type World } from './support/world.ts';

const PASSPHRASE = 'correct horse battery staple';

/** What tests/examples/index.html makes. */
interface App { storage: Package.StorageSpec }

/** The examples, by what they are written in; each serves the app, the installed package and its back end, and sends no policy. */
const APPS = {
  Node: () => [process.execPath, path.join(TOP, 'tests/examples/app.mjs')],
  Rust: () => [program('STRONGROOM_BACK_END')],
};

for (const language of ['Node', 'Rust'] as const) test(`a page of plain HTML with an import map and its back end in ${language}, which signs and lists: a backup goes into its bucket and comes back in a fresh profile; nothing gets out of the workers in their frame`, async ({ world }) => {
  const bucket = await world.bucket('garage');
  const url = await startApp(language, world, bucket);
  await bucket.setCors(guide('json').replace('https://app.example', url));

  const here = await world.profile('here');
  const asked = await visit(here, url);
  const made = await here.page.evaluate(async (secret) => {
    const { Strongroom } = (await import('strongroom' as string)) as typeof Package;
    const { storage } = window as unknown as App;
    const strongroom = await Strongroom.start();
    const { vault } = await strongroom.createVault(storage, { name: 'in-a-bucket', passphrase: secret });
    const source = [
      { path: 'letters/', mtime: 1_500_000_000_000 }, { path: 'letters/été.txt', mtime: 1_600_000_000_000, blob: new Blob(['dear reader']) },
      { path: 'letters/empty/' }, { path: 'large.bin', mtime: 1_700_000_000_000, blob: new Blob([new Uint8Array(5_000_000).map((_, at) => at * at >> 7)]) },
    ];
    const first = await vault.backup(source).done;
    const again = await vault.backup(source).done;
    return { files: first.files, read: again.filesRead, isolation: vault.isolation, own: again instanceof Object };
  }, PASSPHRASE);
  expect(made).toEqual({ files: 2, read: 0, isolation: 'enforced', own: true });
  expect(here.complaints).toEqual([]);
  const { url: trap, heard } = await listening(world);
  const framed = here.page.workers().filter((worker) => worker.url().startsWith('blob:'));
  expect(framed.length, 'the engine and a lane').toBeGreaterThanOrEqual(2);
  for (const worker of framed) {
    // A worker of theirs may be started, under the same policy.
    const { 'a blob worker': theirs, ...outcomes } = await worker.evaluate(tryEverything, { trap, own: url, script: `${url}/vault-worker.js` });
    expect(theirs).toBe('OUT');
    expect(Object.entries(outcomes).filter(([, outcome]) => !outcome.startsWith('blocked'))).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(15);
    expect(await worker.evaluate(fetchInside, trap)).toBe('blocked');
  }
  expect(heard).toEqual([]);
  await here.close();

  const there = await world.profile('there');
  await visit(there, url);
  const found = await there.page.evaluate(async (secret) => {
    const { Strongroom } = (await import('strongroom' as string)) as typeof Package;
    const { storage } = window as unknown as App;
    const strongroom = await Strongroom.start();
    const vault = await strongroom.unlock(storage, { secret: { passphrase: secret } });
    const verified = await vault.verify({ data: true }).done;
    const [snapshot] = await vault.snapshots();
    const root = await navigator.storage.getDirectory();
    const report = await vault.restore(snapshot!.id, [''], { kind: 'directory', handle: root }).done;
    const letters = await root.getDirectoryHandle('letters');
    await letters.getDirectoryHandle('empty');
    const text = await (await (await letters.getFileHandle('été.txt')).getFile()).text();
    const bytes = new Uint8Array(await (await (await root.getFileHandle('large.bin')).getFile()).arrayBuffer());
    strongroom.close();
    return {
      damaged: [...report.damaged, ...verified.damaged], text,
      same: bytes.length === 5_000_000 && bytes.every((byte, at) => byte === (at * at >> 7 & 255)),
    };
  }, PASSPHRASE);
  expect(found).toEqual({ damaged: [], text: 'dear reader', same: true });
  expect(there.complaints).toEqual([]);
  expect(asked).toEqual(new Set(['/backup/sign', '/backup/list']));
});

for (const language of ['Node', 'Rust'] as const) test(`the back end in ${language} signs only for objects, with their own bytes alone`, async ({ world }) => {
  const bucket = await world.bucket('garage');
  const url = await startApp(language, world, bucket);
  const headers = { 'content-type': 'application/json' };
  const call = (verb: string, body: unknown) => fetch(`${url}/backup/${verb}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const bytes = Buffer.alloc(4096, 7);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const good = { method: 'PUT', path: `${'ab'.repeat(16)}/pack/${sha256}`, length: 4096, sha256 };
  for (const wrong of [
    { ...good, path: `../${good.path}` }, { ...good, path: 'ab/pack/cd' }, { ...good, length: 4097 }, { ...good, length: 1 << 25 },
    { ...good, sha256: '00'.repeat(32) }, { method: 'GET', path: `${good.path}/..` },
  ]) expect((await call('sign', { requests: [wrong] })).status, JSON.stringify(wrong)).toBe(400);
  expect((await call('list', { prefix: '../' })).status).toBe(400);

  const [signed] = (await (await call('sign', { requests: [good] })).json()) as { url: string; headers: Record<string, string> }[];
  const put = (body: Buffer) => fetch(signed!.url, { method: 'PUT', headers: signed!.headers, body: new Uint8Array(body) });
  expect((await put(Buffer.alloc(4096, 8))).ok, 'other bytes than signed').toBe(false);
  expect((await put(Buffer.alloc(8192, 7))).ok, 'another length than signed').toBe(false);
  expect(await (await call('list', { prefix: '' })).json()).toEqual([]);
  expect((await put(bytes)).status).toBe(200);
  // Those that heed If-None-Match answer 412; Garage takes the same bytes again.
  expect([200, 412]).toContain((await put(bytes)).status);
  expect(await (await call('list', { prefix: `${'ab'.repeat(16)}/pack/` })).json()).toEqual([{ path: good.path, length: 4096 }]);
});

/** In a worker: what becomes of a request in a worker that it starts itself. */
function fetchInside(trap: string): Promise<string> {
  const script = `fetch('${trap}/inside', { mode: 'no-cors' }).then(() => postMessage('OUT'), () => postMessage('blocked'))`;
  return new Promise((done) => { new Worker(URL.createObjectURL(new Blob([script]))).onmessage = ({ data }: MessageEvent<string>) => done(data); });
}

/** What stands in that language in the guide. */
function guide(language: string): string {
  const text = readFileSync(path.join(TOP, 'crate/wasm/BACK-END.md'), 'utf8');
  return new RegExp('```' + language + '\\n(.*?)```', 's').exec(text)?.[1] ?? '';
}

/** The app of that example, in a process of its own; its address. */
async function startApp(language: keyof typeof APPS, world: World, bucket: Bucket): Promise<string> {
  const [command, ...words] = APPS[language]();
  const app = spawn(command!, [...words, path.join(program('STRONGROOM_PACKAGE'), 'dist')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env, S3_ENDPOINT: bucket.endpoint, S3_REGION: bucket.region, S3_BUCKET: bucket.bucket, S3_KEY_ID: bucket.keyId, S3_SECRET: bucket.secret,
    },
  });
  world.atEnd(async () => {
    const ended = once(app, 'exit');
    app.kill();
    await ended;
  });
  const [said] = (await once(app.stdout, 'data')) as [Buffer];
  const address = /listening on (http:\S+)/.exec(said.toString())?.[1];
  if (!address) throw new Error(`The app says: ${said.toString()}`);
  return address;
}

/** Opens the app; what it goes on to ask of its back end. */
async function visit({ page }: Profile, url: string): Promise<Set<string>> {
  const asked = new Set<string>();
  page.on('request', (request) => { if (request.method() === 'POST') asked.add(new URL(request.url()).pathname); });
  await page.goto(url);
  return asked;
}
