/** Patterns of what to leave out, as people choose them. */

export type Preset = keyof typeof PRESETS;

/** What can be made again, or what a system keeps for itself. */
export const PRESETS = {
  code: {
    name: 'Packages of programs',
    hint: 'node_modules, .venv, __pycache__, .gradle and the like: programs fetch or build them again.',
    patterns: ['node_modules/', 'bower_components/', '.venv/', '__pycache__/', '.tox/', '.gradle/', '.next/', '.nuxt/', '.parcel-cache/'],
  },
  caches: {
    name: 'Caches and temporary files',
    hint: '.cache, Caches, GPUCache, *.tmp, *.crdownload, ~$ files of offices.',
    patterns: ['.cache/', 'Cache/', 'Caches/', 'GPUCache/', 'Code Cache/', '*.tmp', '*.temp', '*.crdownload', '*.part', '~$*'],
  },
  system: {
    name: 'What the system keeps for itself',
    hint: '.DS_Store, Thumbs.db, desktop.ini, $RECYCLE.BIN, .Trashes.',
    patterns: ['.DS_Store', 'Thumbs.db', 'ehthumbs.db', 'desktop.ini', '$RECYCLE.BIN/', 'System Volume Information/', '.Spotlight-V100/', '.Trashes/', '.fseventsd/', 'lost+found/'],
  },
} as const;

export function isPreset(text: string): text is Preset {
  return Object.hasOwn(PRESETS, text);
}

/** The pattern of just this path; a folder's ends with `/`. */
export function patternFor(path: string): string {
  return `/${path.replace(/[\\*?]/g, '\\$&')}`;
}

/** `"*.iso\n\n Thumbs.db "` → `['*.iso', 'Thumbs.db']`: one a line, or by commas. */
export function patternsOf(text: string): string[] {
  return text.split(/[\n,]/).map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
}
