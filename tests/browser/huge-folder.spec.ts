import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

test('a folder of 100,000 files opens at once and scrolls to its end without a task of the page over 200 ms', async ({ world }) => {
  const many = world.makeFolder('home', 'many');
  for (let number = 0; number < 100_000; number++) writeFileSync(path.join(many, `${String(number).padStart(6, '0')}.txt`), '');
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;
  await screens.create('finder', 'correct horse battery staple');
  await screens.backUp([world.path('home')]);
  await screens.openSnapshot();
  await screens.id('entry-open').click();
  await expect(entry(screens, 'home/many')).toHaveAttribute('data-files', '100000');
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: false });
  });
  const opened = await page.evaluate(async () => {
    const began = performance.now();
    document.querySelector<HTMLElement>('[data-testid="entry"][data-name="many"] [data-testid="entry-open"]')?.click();
    while (!document.querySelector('[data-testid="entry"][data-name="000000.txt"]')) await new Promise(requestAnimationFrame);
    return performance.now() - began;
  });
  test.info().annotations.push({ type: 'opened', description: `${Math.round(opened)} ms` });
  expect(opened).toBeLessThan(2_000);
  await expect(page.getByRole('treegrid')).toHaveAttribute('aria-rowcount', '100001');
  await expect(screens.id('entries')).toHaveAttribute('data-value', '100000');
  expect(await screens.id('entry').count()).toBeLessThan(100);
  await entry(screens, 'home/many/000000.txt').focus();
  await page.keyboard.press('End');
  await expect(entry(screens, 'home/many/099999.txt')).toBeInViewport();
  // Typed into the row that has the focus, wherever it was scrolled to.
  await page.keyboard.type('0543');
  await expect(entry(screens, 'home/many/054300.txt')).toBeInViewport();
  await page.evaluate(async () => {
    for (let step = 0; step <= 40; step++) {
      scrollTo(0, (document.documentElement.scrollHeight * step) / 40);
      await new Promise(requestAnimationFrame);
    }
    await new Promise(requestAnimationFrame);
  });
  await expect(entry(screens, 'home/many/099999.txt')).toBeInViewport();
  const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks));
  test.info().annotations.push({ type: 'longest task', description: `${Math.round(longest)} ms` });
  expect(longest).toBeLessThan(200);
});

const entry = (screens: Screens, where: string) => screens.page.locator(`[data-testid="entry"][data-path="${where}"]`);
