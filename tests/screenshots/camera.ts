import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Page } from '@playwright/test';

/** Where the pictures go. */
const FOLDER = process.env['STRONGROOM_SCREENSHOTS'] ?? '../target/screenshots';

/** Every screen is drawn on a desk and in a hand, by day and by night. */
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'] as const;

/** Draws the page as it is now, whole, in every size and scheme; the page is wide and light again afterwards. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-${colorScheme}.png`), fullPage: true, animations: 'disabled' });
    }
  }
  await page.setViewportSize(SIZES.wide);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}
