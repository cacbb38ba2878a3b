import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { TOP } from './programs.ts';

export interface Release { hash: string; files: Record<string, string> }

/** The page as it was built, to be served from a folder of the test's own. */
export function copyPage(folder: string): void {
  cpSync(path.join(TOP, 'www/dist'), folder, { recursive: true });
}

export function releaseOf(folder: string): Release {
  const list = readFileSync(path.join(folder, 'release.json'));
  return { hash: sha256(list), ...JSON.parse(list.toString()) as Pick<Release, 'files'> };
}

/** Makes another release of it, with another icon, in the way of `www/build/release.ts`. */
export function nextRelease(folder: string): Release {
  const file = (name: string): string => path.join(folder, name);
  const replace = (name: string, from: string, to: string): void => {
    const before = readFileSync(file(name), 'utf8');
    if (!before.includes(from)) throw new Error(`${name} does not say ${from}`);
    writeFileSync(file(name), before.replaceAll(from, to));
  };
  const { files } = releaseOf(folder);
  replace('favicon.svg', '#0b5c4b', '#0b5c4c');
  const icon = sha256(readFileSync(file('favicon.svg')));
  replace('sw.js', files['favicon.svg']!, icon);
  replace('release.json', files['favicon.svg']!, icon);
  replace('release.json', files['sw.js']!, sha256(readFileSync(file('sw.js'))));
  return releaseOf(folder);
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
