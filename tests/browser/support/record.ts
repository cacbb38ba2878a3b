import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A request as the server had it. */
export interface Recorded { method: string; path: string; query: string | null; headers: [string, string][]; head: string; body: Buffer }

/** What must not be in any request. */
export interface Needle { what: string; bytes: Buffer }

/** Every request that a server with `record` ever received. */
export function readRecord(folder: string): Recorded[] {
  return readdirSync(folder).filter((name) => name.endsWith('.json')).sort().map((name) => {
    const head = readFileSync(path.join(folder, name), 'utf8');
    return { ...(JSON.parse(head) as Omit<Recorded, 'head' | 'body'>), head: decodeURIComponent(head.replace(/%(?![0-9a-f]{2})/gi, '%25')), body: readFileSync(path.join(folder, name.replace('.json', '.body'))) };
  });
}

/** Bytes as they might be spelled: themselves, hex, base64 of each alignment and alphabet. */
export function spelled(what: string, plain: Buffer): Needle[] {
  const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), plain]).toString('base64').slice(4, -4)).filter((part) => part.length > 8);
  return [plain, Buffer.from(plain.toString('hex')), ...base64.map((part) => Buffer.from(part)), ...base64.map((part) => Buffer.from(part.replaceAll('+', '-').replaceAll('/', '_')))]
    .map((bytes) => ({ what, bytes }));
}

export function foundIn(haystack: Buffer, needles: Needle[]): string[] {
  return needles.filter(({ bytes }) => haystack.includes(bytes)).map(({ what }) => what);
}

/** Which needles are in which requests. */
export function leaks(requests: Recorded[], needles: Needle[]): string[] {
  return requests.flatMap((request) => [...foundIn(request.body, needles), ...foundIn(Buffer.from(request.head), needles)].map((what) => `${what} in ${request.method} ${request.path}`));
}
