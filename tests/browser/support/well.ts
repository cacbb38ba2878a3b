import { expect, type Page } from '@playwright/test';

import { findings } from './axe.ts';

/** Nothing for axe to find by day and by night, nothing too small to hit, nothing wider than a phone. */
export async function isWell(page: Page): Promise<void> {
  expect(await findings(page)).toEqual([]);
  const wide = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 800 });
  const wrong = await page.evaluate(() => {
    const all = (root: ParentNode): Element[] => [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? all(element.shadowRoot) : [])]);
    const small = all(document).filter((element) => element.matches('button, summary, select, textarea, [role=treeitem], input:not([type=radio], .unseen)') && element.checkVisibility())
      .filter((element) => element.getBoundingClientRect().height < 43.9).map((element) => element.outerHTML);
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    return over > 0 ? [...small, `${over} pixels too wide`] : small;
  });
  await page.setViewportSize(wide);
  expect(wrong).toEqual([]);
}
