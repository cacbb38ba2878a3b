import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Debian's; another by STRONGROOM_CHROMIUM. */
export const CHROMIUM = process.env['STRONGROOM_CHROMIUM'] ?? '/usr/bin/chromium';

export const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/**
 * Handles are written to without a question: headless, a question never settles. With Safe Browsing on and no network, closing
 * written files stalls after some sixty.
 */
const CONTENT = { file_system_write_guard: 1 };

/** A new profile's folder; `content` is what its owner allows (1) or blocks (2) on all sites. */
export function seedProfile(folder: string, content: Record<string, 1 | 2> = {}): void {
  const file = path.join(folder, 'Default/Preferences');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ profile: { default_content_setting_values: { ...CONTENT, ...content } }, safebrowsing: { enabled: false } }));
}
