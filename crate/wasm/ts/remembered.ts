/**
 * A bucket that a device remembers: its address and the vault's key slots as they are, its keys sealed by the vault. The slots come along
 * because the vault's key has to be opened before the bucket can be reached; they are what the bucket holds anyway.
 */
import { StrongroomError } from './errors.js';
import { fromText, toText } from './text.js';
import type { StorageSpec } from './types.js';

type BucketSpec = Extract<StorageSpec, { kind: 's3' }>;

export interface Remembered { vault: string; sealed: string; /** Base64, by path. */ slots: Record<string, string> }

/** The text to keep; `sealed` is a note of the vault's with {@link noteOf} in it. */
export function writeRemembered(vault: string, sealed: string, slots: Map<string, ArrayBuffer>): string {
  const own = [...slots].filter(([path]) => path.startsWith(`${vault}/slot/`));
  const remembered: Remembered = { vault, sealed, slots: Object.fromEntries(own.map(([path, bytes]) => [path, toText(new Uint8Array(bytes))])) };
  return JSON.stringify(remembered);
}

export function readRemembered(text: string): Remembered & { bytes: Map<string, ArrayBuffer> } {
  try {
    const { vault, sealed, slots } = JSON.parse(text) as Remembered;
    if (!/^[0-9a-f]{32}$/.test(vault) || typeof sealed !== 'string') throw new TypeError();
    const bytes = new Map(Object.entries(slots).map(([path, slot]) => [path, fromText(slot).slice().buffer]));
    return { vault, sealed, slots, bytes };
  } catch {
    throw forgotten();
  }
}

/** What is sealed: the whole address, with its keys. */
export function noteOf(spec: BucketSpec): string {
  return JSON.stringify(spec);
}

export function specOf(note: string): BucketSpec {
  const spec = JSON.parse(note) as BucketSpec;
  if (spec.kind !== 's3') throw forgotten();
  return spec;
}

function forgotten(): StrongroomError {
  return new StrongroomError('damaged', 'What this device remembers of the bucket cannot be read. Type its address and keys again.');
}
