/** What this browser remembers between visits: the vault's name, how its reader likes the page, a bucket's keys as its vault sealed them. Never a secret in clear. */

const KEYS = { name: 'strongroom.name', theme: 'strongroom.theme', idle: 'strongroom.idle', bucket: 'strongroom.bucket' } as const;

export type Theme = 'system' | 'light' | 'dark';

/** Minutes without use after which a vault may be locked. */
export const IDLE_MINUTES = [5, 15, 60] as const;

/** Where a browser keeps nothing (site data blocked), that costs some typing and no more. */
function keep(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // as said
  }
}

function kept(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

export function rememberName(name: string): void {
  keep(KEYS.name, name);
}

export function rememberedName(): string {
  return kept(KEYS.name);
}

export function forgetName(): void {
  keep(KEYS.name, undefined);
}

/** A bucket as its vault sealed it, and its address for people. */
export interface RememberedBucket { address: string; text: string }

export function rememberBucket(bucket: RememberedBucket): void {
  keep(KEYS.bucket, JSON.stringify(bucket));
}

export function rememberedBucket(): RememberedBucket | undefined {
  try {
    const { address, text } = JSON.parse(kept(KEYS.bucket)) as Partial<RememberedBucket>;
    return typeof address === 'string' && typeof text === 'string' ? { address, text } : undefined;
  } catch {
    // Nothing is kept, or something that is not ours.
    return undefined;
  }
}

export function theme(): Theme {
  const found = kept(KEYS.theme);
  return found === 'light' || found === 'dark' ? found : 'system';
}

/** Chooses and shows a theme. */
export function chooseTheme(chosen: Theme): void {
  keep(KEYS.theme, chosen === 'system' ? undefined : chosen);
  showTheme();
}

export function showTheme(): void {
  const chosen = theme();
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function idleMinutes(): number {
  const found = Number(kept(KEYS.idle));
  return IDLE_MINUTES.find((minutes) => minutes === found) ?? 15;
}

export function chooseIdleMinutes(minutes: number): void {
  keep(KEYS.idle, String(minutes));
}
