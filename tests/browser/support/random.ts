import { createCipheriv, createHash } from 'node:crypto';

/** A seeded source: the same seed, the same tree, the same faults. */
export interface Random {
  /** From 0 up to, not including, `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  /** Bytes that no compressor makes smaller. */
  bytes(length: number): Buffer;
  /** A source of its own for one purpose, so that what is drawn elsewhere does not matter. */
  fork(purpose: string): Random;
}

export function random(seed: string): Random {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  const bytes = (length: number): Buffer => cipher.update(Buffer.alloc(length));
  const below = (limit: number): number => Math.floor((bytes(6).readUIntLE(0, 6) / 2 ** 48) * limit);
  return {
    below,
    bytes,
    pick<T>(items: readonly T[]): T {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    fork: (purpose) => random(`${seed}/${purpose}`),
  };
}
