import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { Bucket } from './buckets.ts';
import { program, TOP } from './programs.ts';

export interface ServerOptions {
  /** Folder for accounts and objects. */
  data: string;
  /** 0 (any that is free) unless a server comes back where it was. */
  port?: number;
  /** Bytes the storage holds before it is full. */
  storageLimit?: number;
  /** Bytes that one vault may store. */
  vaultQuota?: number;
  /** How long what is to be erased waits, `7d` unless said otherwise. */
  eraseDelay?: string;
  /** Folder for a record of every request. */
  record?: string;
  /** Where objects lie instead of in the data folder. */
  bucket?: Bucket;
  /** The page's folder; ours unless another is given. */
  www?: string;
}

/** A real `strongroom-server` on loopback. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /** What it printed. */
  readonly log: string;
  /** Ends it gracefully. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export async function startServer({ data, port = 0, storageLimit, vaultQuota, eraseDelay, record, bucket, www = path.join(TOP, 'www/dist') }: ServerOptions): Promise<Server> {
  const words = ['--listen', `127.0.0.1:${port}`, '--data', data, '--www', www];
  if (storageLimit !== undefined) words.push('--storage-limit', String(storageLimit));
  if (vaultQuota !== undefined) words.push('--vault-quota', String(vaultQuota));
  if (eraseDelay !== undefined) words.push('--erase-delay', eraseDelay);
  if (record !== undefined) words.push('--record', record);
  if (bucket) words.push('--s3-bucket', bucket.bucket, '--s3-endpoint', bucket.endpoint, '--s3-region', bucket.region, '--s3-key-id', bucket.keyId);
  const env = bucket ? { ...process.env, STRONGROOM_S3_SECRET: bucket.secret } : process.env;
  const child = spawn(program('STRONGROOM_SERVER'), words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const url = await new Promise<string>((found, failed) => {
    const hear = (text: Buffer): void => {
      log += text.toString();
      const address = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log);
      if (address?.[1]) found(address[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`strongroom-server ended with ${code} before it said where it listens:\n${log}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    get log() { return log; },
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
