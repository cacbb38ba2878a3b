/** What a {@link StorageSpec} means: what the courier is told, and what the page's thread answers for it. */
import { StrongroomError, toFailure } from './errors.js';
import { memoryStore } from './memory.js';
import type { CourierStorage } from './start.js';
import type { SignRequest, StorageSpec, StoredObject, StrongroomOptions } from './types.js';
import { runErrand, type Modules } from './workers.js';

/** What the courier asks of the page (crate/courier/src/page.rs). */
type Question =
  | { sign: SignRequest[] }
  | { list: { prefix: string } }
  | { put: { path: string } }
  | { replace: { path: string } }
  | { get: { path: string; range?: [number, number] } }
  | { erase: { path: string } };
interface Asked { head: { call: number; question: Question } | { slot: string }; bytes?: ArrayBuffer }

const VAULT_ID = /^[0-9a-f]{32}$/;

/** The storage as the courier takes it. */
export function courierStorage(spec: StorageSpec): CourierStorage {
  switch (spec.kind) {
    case 'broker': return { kind: 'broker', url: new URL(spec.url, globalThis.location?.href).href };
    case 'custom': return { kind: 'custom' };
    case 's3': return plainBucket(spec);
    case 'remembered': throw new StrongroomError('bad_request', 'A bucket that is remembered has to be opened first.');
    case 'directory': return { kind: 'directory', handle: spec.handle };
    case 'memory': return { kind: 'page' };
  }
}

/** Answers the courier's questions for as long as it lives; key slots that it lets pass are kept, by path. */
export function answerCourier(courier: Worker, spec: StorageSpec, slots: Map<string, ArrayBuffer>): void {
  courier.addEventListener('message', async ({ data }: MessageEvent<Partial<Asked>>) => {
    if (!data.head) return;
    if ('slot' in data.head) {
      if (data.bytes) slots.set(data.head.slot, data.bytes);
      return;
    }
    if (!data.head.question) return;
    const { call, question } = data.head;
    try {
      const ok = await answer(spec, question, data.bytes);
      if (ok instanceof ArrayBuffer) courier.postMessage({ head: { call }, bytes: ok }, [ok]);
      else courier.postMessage({ head: { call, ok } });
    } catch (error) {
      courier.postMessage({ head: { call, failed: toFailure(error, 'unavailable') } });
    }
  });
}

/**
 * The id of the vault meant by `name` where there is no broker: the name itself if it is an id, else the only vault of
 * the storage.
 */
export async function findVault(spec: StorageSpec, name: string | undefined, modules: Modules, options: StrongroomOptions): Promise<string> {
  if (isVaultId(name)) return name;
  const ids = spec.kind === 's3' ? onlyIds(await runErrand<string[]>(modules, options, spec, 'find')) : await vaultIds(spec);
  const [only] = ids;
  if (only === undefined) throw new StrongroomError('no_vault', 'There is no vault in this storage.');
  if (ids.length > 1) throw new StrongroomError('no_vault', `There are ${ids.length} vaults in this storage; say which by its id: ${ids.join(', ')}.`);
  return only;
}

export function isVaultId(name: string | undefined): name is string {
  return name !== undefined && VAULT_ID.test(name);
}

/** Only what the courier reads. */
function plainBucket({ kind, endpoint, region, bucket, prefix = '', pathStyle = true, accessKeyId, secretAccessKey, sessionToken }: Extract<StorageSpec, { kind: 's3' }>): CourierStorage {
  return { kind, endpoint, region, bucket, prefix, pathStyle, accessKeyId, secretAccessKey, sessionToken };
}

function onlyIds(names: Iterable<string>): string[] {
  return [...new Set(names)].filter(id => VAULT_ID.test(id)).sort();
}

async function answer(spec: StorageSpec, question: Question, bytes?: ArrayBuffer): Promise<unknown> {
  if (spec.kind === 'custom') {
    if ('sign' in question) return plainSigned(await spec.sign(question.sign));
    if ('list' in question) return plainListed(await spec.list(question.list.prefix));
  }
  if (spec.kind === 'memory') {
    const store = memoryStore(spec.id);
    if ('list' in question) return store.list(question.list.prefix);
    if ('get' in question) return store.get(question.get.path, question.get.range);
    if ('put' in question && bytes) return store.put(question.put.path, bytes);
    if ('erase' in question) return store.erase(question.erase.path);
    if ('replace' in question && bytes) return store.replace(question.replace.path, bytes);
  }
  throw new StrongroomError('internal', 'This storage cannot answer that.');
}

/** Only what the courier reads, so that anything else the app returns need not be cloneable. */
function plainSigned(signed: Awaited<ReturnType<Extract<StorageSpec, { kind: 'custom' }>['sign']>>) {
  return signed.map(({ url, headers, expires }) => ({ url: new URL(url, globalThis.location?.href).href, headers: { ...headers }, expires }));
}

function plainListed(stored: StoredObject[]) {
  return stored.map(({ path, length }) => ({ path, length }));
}

async function vaultIds(spec: StorageSpec): Promise<string[]> {
  const ids = new Set<string>();
  if (spec.kind === 'directory') {
    for await (const [name, handle] of spec.handle.entries()) if (handle.kind === 'directory') ids.add(name);
  } else if (spec.kind === 'memory') {
    for (const { path } of memoryStore(spec.id).list('')) ids.add(path.split('/', 1)[0] ?? '');
  } else if (spec.kind === 'custom') {
    for (const { path } of await spec.list('')) ids.add(path.split('/', 1)[0] ?? '');
  }
  return onlyIds(ids);
}
