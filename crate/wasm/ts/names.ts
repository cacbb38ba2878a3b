/** Names out of a vault, made safe for the place they are written to. */

/** What Windows keeps for its devices, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Control characters, what Windows refuses, and what turns the direction of text. */
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]/g;

/**
 * A name that a file system takes: forbidden characters become `_`, and so does a trailing dot or space; device names
 * get a `_` in front. A harmless name stays as it is.
 */
export function safeName(name: string): string {
  const plain = name.replace(FORBIDDEN, '_').replace(/[. ]$/, '_');
  return DEVICE.test(plain) ? `_${plain}` : plain;
}

/** A path in a ZIP: only what an unpacker could take for a way out is changed. */
export function zipPath(path: string[]): string {
  return path.map(name => (/[\\\u0000]/.test(name) || name === '..' || name === '.' ? safeName(name) : name)).join('/');
}

/** Safe names that do not collide, whatever the case and normalisation of the names they stand for. */
export class SafeNames {
  readonly #taken = new Map<string, string>();
  readonly #given = new Map<string, string>();
  /** Names that could not stay as they were. */
  changed = 0;

  /** Always the same answer for the same name of the same folder. */
  of(folder: string, name: string): string {
    const key = `${folder}/${name}`;
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const plain = safeName(name);
    let safe = plain;
    const place = () => `${folder}/${safe.normalize('NFC').toLowerCase()}`;
    for (let copy = 2; this.#taken.has(place()); copy++) safe = numbered(plain, copy);
    this.#taken.set(place(), name);
    this.#given.set(key, safe);
    if (safe !== name) this.changed++;
    return safe;
  }
}

function numbered(name: string, copy: number): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)} (${copy})${name.slice(dot)}` : `${name} (${copy})`;
}
