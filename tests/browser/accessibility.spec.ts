import type { Page } from '@playwright/test';

import { findings } from './support/axe.ts';
import { plant, SMALL } from './support/corpus.ts';
import type { Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

/** Controls that a finger misses: less than 44 pixels high. */
function small(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>('button, summary, a[href], label.check, .ways label, input:not([type=checkbox], [type=radio]), textarea');
    return [...controls]
      .filter((control) => control.checkVisibility() && !control.closest('.unseen, .skip') && !control.matches('.unseen'))
      .filter((control) => control.getBoundingClientRect().height < 43.9)
      .map((control) => `${control.tagName} ${control.dataset['testid'] ?? control.textContent?.trim()}: ${control.getBoundingClientRect().height}`);
  });
}

/** By how many pixels the page is wider than its window where everything is twice as large. */
async function overflowAtDouble(page: Page): Promise<number> {
  await page.setViewportSize({ width: 640, height: 450 });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.setViewportSize({ width: 1280, height: 900 });
  return over;
}

/** One screen: nothing for axe to find, nothing too small to hit, nothing cut off at twice the size. */
async function isAccessible(screens: Screens, name: string): Promise<void> {
  await test.step(name, async () => {
    expect(await findings(screens.page)).toEqual([]);
    expect(await small(screens.page)).toEqual([]);
    expect(await overflowAtDouble(screens.page)).toBeLessThanOrEqual(0);
  });
}

test('axe finds nothing on any screen, by day and by night, every control can be hit, and nothing is cut off at 200 %', async ({ world }) => {
  const source = world.path('Holiday');
  plant(source, SMALL);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.open();
  await test.step('what the checks look for they find', async () => {
    await screens.page.evaluate(() => document.body.append(Object.assign(document.createElement('button'), { id: 'bare' })));
    expect((await findings(screens.page)).join()).toMatch(/light: button-name: #bare.*dark: button-name: #bare/s);
    expect((await small(screens.page)).join()).toContain('BUTTON');
    await screens.page.evaluate(() => document.querySelector('#bare')?.remove());
  });
  await isAccessible(screens, 'welcome');
  await screens.id('settings').click();
  await isAccessible(screens, 'settings');
  await screens.id('settings-close').click();
  await screens.id('go-create').click();
  await screens.id('create-name').fill('ana');
  await screens.id('create-offer').waitFor();
  await screens.id('create-submit').click();
  await isAccessible(screens, 'create with offered words');
  await screens.id('create-way-own').check();
  await screens.id('create-passphrase').fill('password1234');
  await screens.id('create-strength').waitFor();
  await isAccessible(screens, 'create with one’s own passphrase');
  const key = await screens.create('ana', 'seven lanterns drift over Oslo', (screen) => isAccessible(screens, screen));
  await isAccessible(screens, 'an empty vault');
  await screens.plan([source]);
  await isAccessible(screens, 'plan');
  await screens.id('backup-now').click();
  await screens.finish(() => isAccessible(screens, 'report'));
  await screens.page.locator('summary').first().click();
  await isAccessible(screens, 'vault');
  await screens.id('settings').click();
  await isAccessible(screens, 'settings of an open vault');
  await screens.id('settings-access').click();
  await expect(screens.id('session')).toHaveCount(1);
  await isAccessible(screens, 'who gets in');
  await screens.id('change-open').click();
  await screens.id('create-offer').waitFor();
  await isAccessible(screens, 'another passphrase');
  await screens.id('access-back').click();
  await screens.openSnapshot();
  await isAccessible(screens, 'snapshot');
  await screens.enterPassphrase({ ...key, passphrase: 'not this one at all' });
  await screens.problem();
  await isAccessible(screens, 'unlock with a failure');
});

test('by keyboard alone one gets from the welcome into a vault and out again, in the order of reading, and always sees where one is', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;
  await screens.open();
  /** Presses Tab until the wanted element has the focus; gives what was passed, each visibly in focus. */
  const tabTo = async (testId: string): Promise<string[]> => {
    const passed: string[] = [];
    while (passed.at(-1) !== testId && passed.length < 30) {
      await page.keyboard.press('Tab');
      passed.push(await page.evaluate(() => {
        const { activeElement } = document;
        const seen = activeElement?.matches('.ways input') ? activeElement.closest('label') : activeElement;
        const ringed = seen !== null && seen !== undefined && parseFloat(getComputedStyle(seen).outlineWidth) >= 2;
        const name = activeElement instanceof HTMLElement ? activeElement.dataset['testid'] ?? activeElement.className : '';
        return ringed ? name : `${name} has no ring`;
      }));
    }
    return passed;
  };
  expect(await tabTo('go-unlock')).toEqual(['skip', 'settings', 'go-create', 'go-unlock']);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await screens.onScreen('create');
  await expect(screens.id('create-name')).toBeFocused();
  await page.keyboard.type('keys');
  await screens.id('create-offer').waitFor();
  expect(await tabTo('create-submit')).toEqual(['create-new-ending', 'place-at-server', 'create-way-offered', 'create-offer-another', 'create-offer-copy', 'create-saved', 'create-submit']);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await screens.onScreen('kit', 60_000);
  const words = await screens.id('kit-word').allInnerTexts();
  await expect(page.locator('#kit-title')).toBeFocused();
  expect(await tabTo('kit-continue')).toEqual(['kit-print', 'kit-download', 'kit-copy', 'restore-page', 'kit-continue']);
  await page.keyboard.press('Enter');
  await screens.onScreen('rehearse');
  for (let field = 0; field < 3; field += 1) {
    await expect(screens.id('rehearse-word').nth(field)).toBeFocused();
    const number = Number(await screens.id('rehearse-word').nth(field).getAttribute('data-number'));
    await page.keyboard.type(words[number - 1]?.trim() ?? '');
    if (field < 2) await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await screens.onScreen('vault');
  await expect(screens.id('home-last')).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(screens.id('lock')).toBeFocused();
  await page.keyboard.press('Enter');
  await screens.onScreen('unlock');
  await expect(screens.id('unlock-passphrase')).toBeFocused();
});

test('progress is told to a screen reader in sentences now and then, not with every figure', async ({ world }) => {
  const source = world.path('Holiday');
  plant(source, { ...SMALL, media: 20, big: 40_000_000 });
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('quiet', 'seven lanterns drift over Oslo');
  await screens.plan([source]);
  await screens.page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const live = '[role=status], [role=alert], [aria-live]';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = (target instanceof Element ? target : target.parentElement)?.closest(live);
        if (region && region.textContent?.trim()) said.push(region.textContent.trim());
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await screens.id('backup-now').click();
  await screens.finish();
  const said = await screens.page.evaluate(() => (window as unknown as { said: string[] }).said);
  const told = said.filter((sentence, index) => sentence !== said[index - 1]);
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(12);
  expect(told.join()).toMatch(/Done\./);
});
