import { mkdirSync } from 'node:fs';
import path from 'node:path';

import type { Page } from '@playwright/test';

/** Where the pictures go. */
const FOLDER = process.env['STRONGROOM_SCREENSHOTS'] ?? '../target/screenshots';

/** Every screen is drawn on a desk and in a hand, by day and by night. */
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const SCHEMES = ['light', 'dark'] as const;

/** What README shows, each as high as its window: the others are for whoever works on the page. */
const README = process.env['STRONGROOM_SCREENSHOTS_FOR'] === 'readme'
  ? new Set(['vault-wide-light', 'snapshot-wide-dark', 'vault-phone-dark', 'create-phone-light', 'plan-phone-light'])
  : undefined;

let number = 0;

/** Draws the page as it is now, in every size and scheme; the page is wide and light again afterwards. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  number += 1;
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const picture = `${name}-${size}-${colorScheme}`;
      if (README && !README.has(picture)) continue;
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const file = README ? picture : `${String(number).padStart(2, '0')}-${picture}`;
      await page.screenshot({ path: path.join(FOLDER, `${file}.png`), fullPage: !README, animations: 'disabled' });
    }
  }
  await page.setViewportSize(SIZES.wide);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
}
