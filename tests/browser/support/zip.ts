import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

import { differences, renamed, type Leaf, type Tree } from './tree.ts';

const END = 0x06054b50, END_64 = 0x06064b50, LOCATOR_64 = 0x07064b50, CENTRAL = 0x02014b50, LOCAL = 0x04034b50;

/** What a ZIP does not give back of a tree; its times have steps of two seconds, and `inZip` says which names it changes. */
export function missingInZip(expected: Tree, file: string): string[] {
  return differences(renamed(expected, inZip), treeOfZip(file), { times: 2_000 });
}

/** The path that a ZIP has for a path: only a backslash, which some unpackers take for a folder, is changed. */
export function inZip(name: string): string {
  return name.replaceAll('\\', '_');
}

/** Reads a ZIP with a reader of its own (APPNOTE 6.3), by its central directory, ZIP64 and extended times included; every checksum is checked. */
export function treeOfZip(file: string, { unread = [] }: { /** Entries that are known not to be whole. */ unread?: string[] } = {}): Tree {
  const handle = openSync(file, 'r');
  try {
    const read = (at: number, length: number): Buffer => {
      const buffer = Buffer.alloc(length);
      if (readSync(handle, buffer, 0, length, at) !== length) throw new Error(`the ZIP ends before byte ${at + length}`);
      return buffer;
    };
    const tree: Tree = new Map();
    const { at, length, count } = directory(read, fstatSync(handle).size);
    const entries = read(at, length);
    let offset = 0;
    for (let number = 0; number < count; number++) {
      const entry = centralEntry(entries, offset);
      offset = entry.next;
      const name = entry.name.endsWith('/') ? entry.name.slice(0, -1) : entry.name;
      if (tree.has(name)) throw new Error(`the ZIP has ${JSON.stringify(name)} twice`);
      if (unread.includes(name)) continue;
      tree.set(name, entry.name.endsWith('/') ? { kind: 'folder', size: 0 } : fileLeaf(read, entry));
    }
    for (const name of [...tree.keys()]) addParents(tree, name);
    if (offset !== length) throw new Error('the ZIP says another number of entries than it has');
    return tree;
  } finally {
    closeSync(handle);
  }
}

/** A ZIP need not name a folder that has something in it. */
function addParents(tree: Tree, name: string): void {
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const parent = name.slice(0, at);
    if (!tree.has(parent)) tree.set(parent, { kind: 'folder', size: 0 });
  }
}

type Read = (at: number, length: number) => Buffer;
interface Entry { name: string; method: number; crc: number; stored: number; size: number; at: number; mtime: number; next: number }

function directory(read: Read, total: number): { at: number; length: number; count: number } {
  const tail = read(Math.max(0, total - 65_557), Math.min(total, 65_557));
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || tail.readUInt32LE(end) !== END) throw new Error('not a ZIP: it has no end record');
  if (end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR_64) {
    const record = read(Number(tail.readBigUInt64LE(end - 12)), 56);
    if (record.readUInt32LE(0) !== END_64) throw new Error('the ZIP64 end record is not where it should be');
    return { count: Number(record.readBigUInt64LE(32)), length: Number(record.readBigUInt64LE(40)), at: Number(record.readBigUInt64LE(48)) };
  }
  return { count: tail.readUInt16LE(end + 10), length: tail.readUInt32LE(end + 12), at: tail.readUInt32LE(end + 16) };
}

function centralEntry(entries: Buffer, at: number): Entry {
  if (entries.readUInt32LE(at) !== CENTRAL) throw new Error(`no central entry at ${at}`);
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => entries.readUInt16LE(at + field)) as [number, number, number];
  const flags = entries.readUInt16LE(at + 8);
  const nameBytes = entries.subarray(at + 46, at + 46 + nameLength);
  const name = new TextDecoder('utf-8', { fatal: true }).decode(nameBytes);
  if (name.length !== nameBytes.length && !(flags & 0x800)) throw new Error(`${JSON.stringify(name)} is not marked as UTF-8`);
  const entry: Entry = {
    name, mtime: dosTime(entries.readUInt16LE(at + 14), entries.readUInt16LE(at + 12)), method: entries.readUInt16LE(at + 10), crc: entries.readUInt32LE(at + 16), stored: entries.readUInt32LE(at + 20),
    size: entries.readUInt32LE(at + 24), at: entries.readUInt32LE(at + 42), next: at + 46 + nameLength + extraLength + commentLength,
  };
  readExtra(entries.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength), entry);
  return entry;
}

function readExtra(extra: Buffer, entry: Entry): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const [id, body] = [extra.readUInt16LE(at), extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))];
    if (id === 0x5455 && (body.readUInt8(0) & 1)) entry.mtime = body.readInt32LE(1) * 1_000;
    if (id !== 1) continue;
    let field = 0;
    const next = (): number => Number(body.readBigUInt64LE(8 * field++));
    if (entry.size === 0xffff_ffff) entry.size = next();
    if (entry.stored === 0xffff_ffff) entry.stored = next();
    if (entry.at === 0xffff_ffff) entry.at = next();
  }
}

/** Local time in steps of two seconds. */
function dosTime(date: number, time: number): number {
  return new Date((date >> 9) + 1980, ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2).getTime();
}

function fileLeaf(read: Read, entry: Entry): Leaf {
  const local = read(entry.at, 30);
  if (local.readUInt32LE(0) !== LOCAL) throw new Error(`${JSON.stringify(entry.name)} is not where the directory says`);
  const start = entry.at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  const hash = createHash('sha256');
  let crc = 0;
  let size = 0;
  const take = (bytes: Buffer): void => {
    hash.update(bytes);
    crc = crc32(bytes, crc);
    size += bytes.length;
  };
  if (entry.method === 8) take(inflateRawSync(read(start, entry.stored)));
  else for (let at = 0; at < entry.stored; at += 8 << 20) take(read(start + at, Math.min(8 << 20, entry.stored - at)));
  if (crc !== entry.crc) throw new Error(`${JSON.stringify(entry.name)} does not have its checksum`);
  if (size !== entry.size) throw new Error(`${JSON.stringify(entry.name)} does not have its size`);
  return { kind: 'file', size, sha256: hash.digest('hex'), mtime: entry.mtime };
}
