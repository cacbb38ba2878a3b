import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import path from 'node:path';

/** One file or folder, as far as a restore must give it back. */
export interface Leaf { kind: 'file' | 'folder'; size: number; /** hex, of a file */ sha256?: string; /** ms since 1970, rounded down */ mtime?: number }
/** Paths joined by `/`, folders included. */
export type Tree = Map<string, Leaf>;

export async function treeOf(folder: string): Promise<Tree> {
  const tree: Tree = new Map();
  await walk(folder, '', tree);
  return tree;
}

/** How exactly times must agree: 0 to the millisecond, else within so many milliseconds; left out, not at all. */
export interface Strictness { times?: number }

/** Everything that is not as expected, at most a handful, as sentences. */
export function differences(expected: Tree, actual: Tree, { times }: Strictness = {}): string[] {
  const found: string[] = [];
  for (const [name, leaf] of expected) {
    const other = actual.get(name);
    if (!other) found.push(`${JSON.stringify(name)} is missing`);
    else if (other.kind !== leaf.kind) found.push(`${JSON.stringify(name)} is a ${other.kind}`);
    else if (other.sha256 !== leaf.sha256) found.push(`${JSON.stringify(name)} has other bytes (${other.size} of ${leaf.size})`);
    else if (times !== undefined && leaf.kind === 'file' && Math.abs((other.mtime ?? NaN) - (leaf.mtime ?? NaN)) > times) found.push(`${JSON.stringify(name)} has the time ${other.mtime}, not ${leaf.mtime}`);
    else if (times !== undefined && leaf.kind === 'file' && other.mtime === undefined) found.push(`${JSON.stringify(name)} has no time`);
  }
  for (const name of actual.keys()) if (!expected.has(name)) found.push(`${JSON.stringify(name)} is too many`);
  return found.length > 12 ? [...found.slice(0, 12), `… and ${found.length - 12} more`] : found;
}

/** The same tree below a folder of this name, as a dropped folder is kept. */
export function below(name: string, tree: Tree): Tree {
  const moved: Tree = new Map([[name, { kind: 'folder', size: 0 }]]);
  for (const [path, leaf] of tree) moved.set(`${name}/${path}`, leaf);
  return moved;
}

/** The same tree under other paths. */
export function renamed(tree: Tree, rename: (path: string) => string): Tree {
  return new Map([...tree].map(([path, leaf]) => [rename(path), leaf]));
}

export function sizeOf(tree: Tree): { files: number; folders: number; bytes: number } {
  const leaves = [...tree.values()];
  const files = leaves.filter((leaf) => leaf.kind === 'file');
  return { files: files.length, folders: leaves.length - files.length, bytes: files.reduce((sum, leaf) => sum + leaf.size, 0) };
}

async function walk(folder: string, prefix: string, tree: Tree): Promise<void> {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const status = lstatSync(file);
    const mtime = Math.floor(status.mtimeMs);
    if (status.isDirectory()) {
      tree.set(prefix + name, { kind: 'folder', size: 0, mtime });
      await walk(file, `${prefix}${name}/`, tree);
    } else {
      const hash = createHash('sha256');
      await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
      tree.set(prefix + name, { kind: 'file', size: status.size, sha256: hash.digest('hex'), mtime });
    }
  }
}
