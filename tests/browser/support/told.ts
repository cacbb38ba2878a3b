import type { Page } from '@playwright/test';

import type * as Elements from '../../../crate/wasm/dist/element.js';

const EVENTS: (keyof Elements.StrongroomEvents)[] = ['strongroom-unlocked', 'strongroom-locked', 'strongroom-backed-up', 'strongroom-restored', 'strongroom-error'];

export type Heard = [string, unknown][];

/** Keeps what the elements tell, and what of it can be compared; to be called before the page is opened. */
export async function listen(page: Page): Promise<void> { await page.addInitScript(keep, EVENTS); }

/** In the page. */
function keep(events: string[]): void {
  const heard: Heard = [];
  Object.assign(window, { heard });
  for (const name of events) {
    document.addEventListener(name, (event) => {
      const { created, report, code } = (event as CustomEvent<{ created?: boolean; report?: { files: number }; code?: string }>).detail;
      heard.push([name, created ?? report?.files ?? code ?? null]);
    });
  }
}

/** What they told so far. */
export function told(page: Page): Promise<Heard> {
  return page.evaluate(() => (window as unknown as { heard: Heard }).heard);
}
