/** What this browser remembers between visits: the vault's name, never a secret. */

const KEY = 'strongroom.name';

export function rememberName(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // A browser that keeps nothing only costs some typing.
  }
}

export function rememberedName(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}
