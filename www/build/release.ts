/**
 * The last step of a build: `release.json`, which names every file of the page with its SHA-256, and the same list in the page's service
 * worker, which keeps exactly these. Whoever builds the same commit gets the same bytes, and so the same hash of `release.json`.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

const WORKER = 'sw.js';
const LIST = 'release.json';
/** Stands in the worker for the list, which nobody knows before everything else is written. */
const PLACE = /(["'`])__STRONGROOM_FILES__\1/;

export function release(): Plugin {
  let folder = '';
  return {
    name: 'strongroom-release',
    apply: 'build',
    enforce: 'post',
    configResolved: ({ root, build }) => { folder = path.resolve(root, build.outDir); },
    closeBundle: () => writeRelease(folder),
  };
}

function writeRelease(folder: string): void {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((name) => name !== WORKER && name !== LIST)
    .sort();
  const files = Object.fromEntries(names.map((name) => [name, sha256(readFileSync(path.join(folder, name)))]));
  const template = readFileSync(path.join(folder, WORKER), 'utf8');
  if (!PLACE.test(template)) throw new Error(`${WORKER} has no place for the list of files`);
  const worker = template.replace(PLACE, () => JSON.stringify(JSON.stringify(files)));
  writeFileSync(path.join(folder, WORKER), worker);
  const list = `${JSON.stringify({ files: { ...files, [WORKER]: sha256(worker) } }, undefined, 2)}\n`;
  writeFileSync(path.join(folder, LIST), list);
  console.log(`release ${sha256(list)}`);
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
