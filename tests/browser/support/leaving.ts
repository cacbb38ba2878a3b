import { expect, type Page } from '@playwright/test';

/** Somebody closes the tab, is asked whether to leave, and stays. */
export async function stays(page: Page): Promise<void> {
  const asking = page.waitForEvent('dialog');
  const leaving = page.close({ runBeforeUnload: true });
  const question = await asking;
  expect(question.type()).toBe('beforeunload');
  await question.dismiss();
  await leaving;
}

/** Keeps hold of every lock on the screen that the page takes; to be called before the page is opened. */
export async function watchScreen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const taken: WakeLockSentinel[] = [];
    Object.assign(window, { taken });
    const request = WakeLock.prototype.request;
    WakeLock.prototype.request = async function (type) {
      const lock = await request.call(this, type);
      taken.push(lock);
      return lock;
    };
  });
}

/** How many of them hold now. */
export function screenLocks(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { taken: WakeLockSentinel[] }).taken.filter(({ released }) => !released).length);
}
