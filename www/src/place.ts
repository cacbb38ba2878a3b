/** Where vaults lie: at the server that this page came from, or in a bucket or a folder of the person's own. */

import type { BucketReport, StorageSpec, Vault } from 'strongroom';
import { rememberBucket, rememberedBucket } from './memory.ts';

export type BucketSpec = Extract<StorageSpec, { kind: 's3' }>;

/** What the page knows of a vault's place. */
export interface Place {
  storage: StorageSpec;
  /** What the bucket was found to do in this visit, if it was asked. */
  report?: BucketReport | undefined;
}

const places = new WeakMap<Vault, Place>();

/** Remembers a vault's place for as long as the vault is open. */
export function settle(vault: Vault, place: Place): void {
  places.set(vault, place);
}

export function placeOf(vault: Vault): Place | undefined {
  return places.get(vault);
}

/** Whether a vault lies in a bucket or a folder of the person's own, where nobody signs in. */
export function isOwn(storage: StorageSpec | undefined): boolean {
  return storage?.kind === 's3' || storage?.kind === 'remembered' || storage?.kind === 'directory';
}

/** Whether the vault has a server, which wants the secret once more for what cannot be undone. */
export function hasServer(vault: Vault): boolean {
  return placeOf(vault)?.storage.kind === 'broker';
}

/** A bucket that this browser remembers is remembered anew, with the key slots as they are now. */
export async function rememberAgain(vault: Vault): Promise<void> {
  const remembered = rememberedBucket();
  const storage = placeOf(vault)?.storage;
  const isThis = storage?.kind === 'remembered' || (storage?.kind === 's3' && addressOf(storage) === remembered?.address);
  if (!remembered || !isThis) return;
  rememberBucket({ address: remembered.address, text: await vault.rememberStorage() });
}

/** `https://s3.example.com/bucket/prefix`: for people, and for the recovery kit. */
export function addressOf({ endpoint, bucket, prefix = '' }: Pick<BucketSpec, 'endpoint' | 'bucket' | 'prefix'>): string {
  return [endpoint.replace(/\/+$/, ''), bucket, prefix.replace(/\/+$/, '')].filter((part) => part !== '').join('/');
}
