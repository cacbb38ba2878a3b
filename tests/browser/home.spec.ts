import { plant, SMALL } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { below, sizeOf, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';

test('the first screen tells in words what is protected, how old that is, and what it takes against what it is', async ({ world }) => {
  const source = world.path('Letters');
  plant(source, { ...SMALL, media: 10 });
  const size = sizeOf(below('Letters', await treeOf(source))).bytes;
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('home', 'seven lanterns drift over Oslo');
  await expect(screens.id('home-last')).toHaveText('Nothing is backed up yet');
  await screens.backUp([source]);
  await screens.backUp([source]);
  await expect(screens.id('home-last')).toHaveText('Last backed up just now');
  await expect(screens.id('home-set')).toHaveAttribute('data-label', 'Letters');
  const number = async (testId: string): Promise<number> => Number(await screens.id(testId).getAttribute('data-value'));
  await expect(screens.id('home-original')).toHaveAttribute('data-value', String(2 * size));
  expect(await number('home-distinct')).toBeLessThanOrEqual(size);
  expect(await number('home-distinct')).toBeGreaterThan(size / 2);
  expect(await number('home-stored')).toBe(new Objects(world.data).bytes('pack'));
  await screens.id('storage-level').click();
  await expect(screens.page.getByText('This is what the server states: level immutable.')).toBeVisible();
  await screens.id('home-set').click();
  await screens.onScreen('snapshot');
  await screens.id('home').click();
  await screens.onScreen('vault');
});

test('what can be pressed on the first screen stays where it is when the vault has been read', async ({ world }) => {
  const source = world.path('Letters');
  plant(source, { ...SMALL, media: 10 });
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;
  const key = await screens.create('still', 'seven lanterns drift over Oslo');
  const stays = async (last: string): Promise<void> => {
    for (const size of [{ width: 1_280, height: 800 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(size);
      let answer = (): void => {};
      const asked = new Promise<void>((resolve) => { answer = resolve; });
      await page.route('**/api/v1/list', async (route) => {
        // To unlock a vault takes lists, too.
        if (await screens.id('app').getAttribute('data-screen') === 'vault') await asked;
        await route.continue();
      });
      await screens.unlock(key);
      await expect(screens.id('home-last')).toHaveText('Reading the vault…');
      const before = await screens.id('pick-folder').boundingBox();
      answer();
      await expect(screens.id('home-last')).toHaveText(last);
      expect(await screens.id('pick-folder').boundingBox(), `${last}, ${size.width} pixels wide`).toEqual(before);
      await page.unroute('**/api/v1/list');
    }
  };
  await stays('Nothing is backed up yet');
  await screens.backUp([source]);
  await stays('Last backed up just now');
  const lines = await screens.id('home-last').evaluate((title) => {
    const height = title.clientHeight;
    title.textContent = 'Last backed up 23 minutes ago';
    return title.clientHeight / height;
  });
  expect(lines, 'as many lines on a phone, however long ago').toBe(1);
});

test('a vault that nobody uses locks after a warning, which any use puts away', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('idle', 'seven lanterns drift over Oslo');
  await screens.id('settings').click();
  await screens.id('settings-idle-5').check();
  await screens.id('settings-close').click();
  const { clock } = screens.page;
  await clock.install();
  await screens.page.mouse.move(10, 10);
  await clock.fastForward('03:58');
  await expect(screens.id('idle-dialog')).toBeHidden();
  await clock.fastForward('00:30');
  await expect(screens.id('idle-dialog')).toBeVisible();
  await screens.page.keyboard.press('Enter');
  await clock.runFor(1_500);
  await expect(screens.id('idle-dialog')).toBeHidden();
  await clock.fastForward('05:10');
  await screens.onScreen('unlock');
  await expect(screens.page.getByText('Locked after 5 minutes without use.')).toBeVisible();
  expect(screens.page.workers()).toHaveLength(0);
});

test('how the page looks is chosen once and kept, and the remembered name can be forgotten', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;
  const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await screens.create('taste', 'seven lanterns drift over Oslo');
  const light = await paper();
  await screens.id('settings').click();
  await screens.id('settings-theme-dark').check();
  expect(await paper()).not.toBe(light);
  await expect(screens.id('settings-remembered')).toHaveText(/taste-/);
  await screens.id('settings-forget').click();
  await expect(screens.id('settings-remembered')).toHaveText(/no vault’s name/);
  await page.reload();
  await screens.onScreen('welcome');
  expect(await paper()).not.toBe(light);
  await screens.id('go-unlock').click();
  await expect(screens.id('unlock-name')).toHaveValue('');
});
