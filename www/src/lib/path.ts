/** Paths inside a snapshot: names joined by `/`, `''` for the root. */

export interface Crumb { name: string; path: string }

/** `join('a/b', 'c')` → `a/b/c` */
export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The folders on the way to a path, the root first, the path itself last. */
export function crumbs(path: string): Crumb[] {
  const names = path === '' ? [] : path.split('/');
  const steps = names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }));
  return [{ name: '', path: '' }, ...steps];
}

/** The folder that a path is in; the root is in itself. */
export function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last name of a path. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` lies below `folder`. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' ? path !== '' : path.startsWith(`${folder}/`);
}

/**
 * A name as it may be shown: characters that cannot be seen, or that turn the order of reading round, appear as their code,
 * so that `photo‮gpj.exe` cannot pass for a picture.
 */
export function visible(name: string): string {
  return name.replace(/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** What a snapshot of these top-level names is called when its owner gives no label: `Photos`, `Photos and 2 more`. */
export function labelFor(names: string[]): string {
  const distinct = [...new Set(names.filter((name) => name !== ''))];
  const [first, ...rest] = distinct;
  if (first === undefined) return '';
  return withinLabel(rest.length === 0 ? first : `${first} and ${rest.length} more`);
}

/** A label cut to what a snapshot can hold (FORMAT.md §10: 255 bytes of UTF-8), never inside a character. */
export function withinLabel(text: string): string {
  const encoder = new TextEncoder();
  let kept = '';
  let room = 255;
  for (const character of text.trim()) {
    room -= encoder.encode(character).length;
    if (room < 0) break;
    kept += character;
  }
  return kept;
}
