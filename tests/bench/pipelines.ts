/** What a web developer would assemble from what browsers bring and from npm: hash, compress and encrypt one chunk after the other. */
import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { gunzipSync, gzipSync } from 'fflate';
import { createBLAKE3 } from 'hash-wasm';
import sodium from 'libsodium-wrappers';

export type Bytes = Uint8Array<ArrayBuffer>;
type Later<T> = T | Promise<T>;

/** Nonces have 12 bytes. */
export interface Pipeline {
  hash(plain: Bytes): Later<Bytes>;
  compress(plain: Bytes): Later<Bytes>;
  expand(stored: Bytes): Later<Bytes>;
  seal(text: Bytes, nonce: Bytes): Later<Bytes>;
  open(sealed: Bytes, nonce: Bytes): Later<Bytes>;
}

export const names = ['webcrypto', 'zstd1', 'zstd3', 'noble'] as const;
export type Name = typeof names[number];

/** Ready to work with a key of 32 bytes. */
export function load(name: Name, key: Bytes): Promise<Pipeline> {
  switch (name) {
    case 'webcrypto': return webcrypto(key);
    case 'zstd1': return packages(key, 1);
    case 'zstd3': return packages(key, 3);
    case 'noble': return noble(key);
  }
}

/** Nothing but what the browser brings: SHA-256, gzip, AES-GCM. */
async function webcrypto(raw: Bytes): Promise<Pipeline> {
  const { subtle } = crypto;
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const through = (bytes: Bytes, stream: GenericTransformStream) =>
    new Response(new Blob([bytes]).stream().pipeThrough(stream as ReadableWritablePair<Bytes, Bytes>)).arrayBuffer();
  return {
    hash: async plain => new Uint8Array(await subtle.digest('SHA-256', plain)),
    compress: async plain => new Uint8Array(await through(plain, new CompressionStream('gzip'))),
    expand: async stored => new Uint8Array(await through(stored, new DecompressionStream('gzip'))),
    seal: async (text, iv) => new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, text)),
    open: async (sealed, iv) => new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)),
  };
}

/** Packages of wasm: BLAKE3 of hash-wasm, zstd-wasm, ChaCha20-Poly1305 of libsodium. */
async function packages(key: Bytes, level: number): Promise<Pipeline> {
  const [hasher] = await Promise.all([createBLAKE3(), init('/zstd.wasm'), sodium.ready]);
  return {
    hash: plain => hasher.init().update(plain).digest('binary') as Bytes,
    compress: plain => compress(plain, level) as Bytes,
    expand: stored => decompress(stored) as Bytes,
    seal: (text, nonce) => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(text, null, null, nonce, key) as Bytes,
    open: (sealed, nonce) => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, null, nonce, key) as Bytes,
  };
}

/** Packages of JavaScript alone: SHA-256 and ChaCha20-Poly1305 of noble, gzip of fflate. */
async function noble(key: Bytes): Promise<Pipeline> {
  return {
    hash: plain => sha256(plain) as Bytes,
    compress: plain => gzipSync(plain) as Bytes,
    expand: stored => gunzipSync(stored) as Bytes,
    seal: (text, nonce) => chacha20poly1305(key, nonce).encrypt(text) as Bytes,
    open: (sealed, nonce) => chacha20poly1305(key, nonce).decrypt(sealed) as Bytes,
  };
}
