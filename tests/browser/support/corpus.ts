import { appendFileSync, copyFileSync, lutimesSync, mkdirSync, openSync, readdirSync, closeSync, renameSync, rmSync, statSync, writeFileSync, writeSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { random, type Random } from './random.ts';

const MB = 1_000_000;

/** Stands in many files of the tree and in no program: it must never be seen outside the tab. */
export const SENTINEL = 'the quick brown plaintext of strongroom';
/** Part of file and folder names, likewise. */
export const NAME_SENTINEL = 'sentinelname';

/** How large the tree is. */
export interface Shape { small: number; media: number; big: number; zeros: number }
export const WHOLE: Shape = { small: 3_000, media: 36, big: 150 * MB, zeros: 64 * MB };
export const SMALL: Shape = { small: 120, media: 4, big: 12 * MB, zeros: 4 * MB };

/** Writes a tree of everything that is awkward about trees into `folder`. */
export function plant(folder: string, shape: Shape, seed = 'corpus'): void {
  const source = random(seed);
  mkdirSync(folder, { recursive: true });
  smallFiles(folder, shape.small, source.fork('small'));
  awkwardNames(folder, source.fork('names'));
  media(folder, shape.media, source.fork('media'));
  stream(path.join(folder, 'video.bin'), shape.big, (length) => source.bytes(length));
  stream(path.join(folder, 'zeros.img'), shape.zeros, (length) => Buffer.alloc(length));
  duplicates(folder, source.fork('copies'));
  touchAll(folder, source.fork('times'));
}

/** What `edit` did. */
export interface Edited {
  /** Bytes that no vault can have had. */
  newBytes: number;
  /** Files and folders that are new under their names, or changed; from the top of the tree. */
  touched: string[];
}

/** Inserts at the front of the big file; renames a file and a folder; deletes; adds; lengthens two small files. */
export function edit(folder: string, seed = 'edits'): Edited {
  const source = random(seed);
  const at = (name: string): string => path.join(folder, name);
  const inserted = source.bytes(12_345);
  writeFileSync(at('video.bin'), Buffer.concat([inserted, readFileSync(at('video.bin'))]));
  const added = source.bytes(3 * MB);
  writeFileSync(at('added later.bin'), added);
  const [one, two, three, four] = readdirSync(at('notes 000')).sort().map((name) => `notes 000/${name}`);
  if (!one || !two || !three || !four) throw new Error('the tree has no small files');
  appendFileSync(at(one), 'a line more\n');
  appendFileSync(at(two), 'another line more\n');
  const renamed = 'notes 000/renamed 🗂.txt';
  renameSync(at(three), at(renamed));
  rmSync(at(four));
  renameSync(at('notes 001'), at('notes moved'));
  return {
    newBytes: inserted.length + added.length + statSync(at(one)).size + statSync(at(two)).size,
    touched: ['video.bin', 'added later.bin', one, two, renamed, 'notes moved'],
  };
}

/** Random bytes in one file. */
export function plantFile(file: string, length: number, seed = 'file'): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const source = random(seed);
  stream(file, length, (part) => source.bytes(part));
  touch(file, source);
}

function smallFiles(folder: string, count: number, source: Random): void {
  const words = Array.from({ length: 2_000 }, () => source.bytes(1 + source.below(6)).toString('hex'));
  for (let number = 0; number < count; number++) {
    const parent = path.join(folder, `notes ${String(Math.floor(number / 40)).padStart(3, '0')}`);
    if (number % 40 === 0) mkdirSync(parent, { recursive: true });
    const lines = Array.from({ length: 10 + source.below(600) }, () => `${source.pick(words)} ${source.pick(words)} ${source.pick(words)}`);
    writeFileSync(path.join(parent, `${NAME_SENTINEL} ${number}.txt`), `${SENTINEL} ${number}\n${lines.join('\n')}\n`);
  }
}

/** Names that any system takes. */
const NAMES = [
  '🧳 Reise 🌍.txt', 'café'.normalize('NFC'), 'café'.normalize('NFD'), 'two  spaces here.txt', `${'ä'.repeat(98)}.dat`, 'n'.repeat(200), '.hidden', '-dash',
  '#percent%20', '日本語.txt', 'עברית', 'semi;colon&amp', 'ＦＵＬＬ', 'ﬁ ligature',
];
/** Names that some system forbids: Chromium delivers them in a drop, and refuses to create them in a folder. */
export const FORBIDDEN = [
  ' leading space', 'trailing space ', '👩‍👩‍👧 family.txt', "quote'\"", 'back\\slash', 'new\nline', 'CON', '<img src=x onerror=alert(1)>', '...', 'a:b', 'dot.', 'link.url',
];
/** Where both lie. */
export const NAMES_FOLDER = `names of all kinds 🌍 ${NAME_SENTINEL}`;

function awkwardNames(folder: string, source: Random): void {
  const parent = path.join(folder, NAMES_FOLDER);
  mkdirSync(parent, { recursive: true });
  for (const name of [...NAMES, ...FORBIDDEN]) writeFileSync(path.join(parent, name), `${SENTINEL} ${name} ${source.below(1e9)}\n`);
  for (const name of ['empty', 'empty 🫙', 'also empty.txt']) writeFileSync(path.join(parent, name), '');
  for (const name of ['empty folder', 'empty folder 🗀/inside/deeper', 'deep/a/b/c/d/e/f/g/h']) mkdirSync(path.join(parent, name), { recursive: true });
  writeFileSync(path.join(parent, 'deep/a/b/c/d/e/f/g/h/bottom.txt'), 'bottom\n');
}

function media(folder: string, count: number, source: Random): void {
  mkdirSync(path.join(folder, 'media'), { recursive: true });
  for (let number = 0; number < count; number++) {
    writeFileSync(path.join(folder, 'media', `IMG_${4_000 + number}.jpg`), source.bytes(MB + source.below(2 * MB)));
  }
}

function duplicates(folder: string, source: Random): void {
  const copies = path.join(folder, 'copies');
  mkdirSync(copies);
  copyFileSync(path.join(folder, 'media/IMG_4000.jpg'), path.join(copies, 'IMG_4000 (copy).jpg'));
  const notes = path.join(folder, 'notes 000');
  for (const name of readdirSync(notes).slice(0, 10 + source.below(10))) copyFileSync(path.join(notes, name), path.join(copies, name));
}

function stream(file: string, length: number, part: (length: number) => Buffer): void {
  const handle = openSync(file, 'w');
  for (let left = length; left > 0; left -= 4 * MB) writeSync(handle, part(Math.min(left, 4 * MB)));
  closeSync(handle);
}

function touchAll(folder: string, source: Random): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) touchAll(child, source);
    touch(child, source);
  }
}

/** A time of its own between 2001 and 2033, to the millisecond; the half keeps it there whichever way it is rounded to a double. */
function touch(file: string, source: Random): void {
  const seconds = (1_000_000_000_000 + source.below(1_000_000_000_000) + 0.25) / 1_000;
  lutimesSync(file, seconds, seconds);
}
