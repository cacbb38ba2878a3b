import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { plant } from './support/corpus.ts';
import { embedder } from './support/embedder.ts';
import { stays } from './support/leaving.ts';
import { drop } from './support/profile.ts';
import { TOP } from './support/programs.ts';
import { listen, told } from './support/told.ts';
import { below, treeOf } from './support/tree.ts';
import { isWell } from './support/well.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';
const SHAPE = { small: 50, media: 1, big: 3_000_000, zeros: 1_000_000 };
/** A folder of more entries than are listed at once. */
const MANY = 'a great many';

test('one import and one element under a strict policy: create, back up, unlock and restore bit for bit; then in German and Arabic', async ({ world }) => {
  const source = world.path('Holiday');
  plant(source, SHAPE);
  mkdirSync(path.join(source, MANY));
  for (let number = 100; number < 330; number++) writeFileSync(path.join(source, MANY, `${number}.txt`), `${number}`);
  const profile = await embedder(world);
  const { page } = profile;
  copyFileSync(path.join(TOP, 'tests/examples/element.html'), world.path('www', 'element.html'));
  await listen(page);
  await page.goto(new URL('element.html', page.url()).href);
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  await test.step('create', async () => {
    await button('Create a new vault').click();
    await page.getByLabel('Name of the vault').fill('elements');
    await page.getByLabel('Passphrase', { exact: true }).fill('aaaaaaaaaaaaaaa');
    await page.getByLabel('Passphrase once more').fill('aaaaaaaaaaaaaaa');
    await button('Create the vault').click();
    await expect(page.getByRole('alert')).toContainText('at least 12 characters');
    await isWell(page);
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('Passphrase once more').fill(PASSPHRASE);
    await button('Create the vault').click();
    await expect(page.getByRole('heading', { name: 'Your recovery phrase' })).toBeFocused({ timeout: 60_000 });
    const words = await page.locator('.words li').allInnerTexts();
    expect(words).toHaveLength(24);
    await isWell(page);
    await stays(page);
    await button('I have saved the words').click();
    const inputs = await page.getByRole('textbox').all();
    expect(inputs).toHaveLength(3);
    await expect(inputs[0]!).toBeFocused();
    const fill = async (word: (number: number) => string): Promise<void> => {
      for (const input of inputs) await input.fill(word(Number(await input.getAttribute('data-number'))));
      await button('Check and open the vault').click();
    };
    await fill(() => 'zoo');
    await expect(page.getByRole('alert')).toContainText('is another one');
    expect(await told(page)).toEqual([]);
    await fill((number) => words[number - 1]!);
    await expect(page.getByRole('heading', { name: 'Vault elements' })).toBeFocused();
    expect(await told(page)).toEqual([['strongroom-unlocked', true]]);
  });

  await test.step('back up', async () => {
    await expect(page.getByText('There is no snapshot yet.')).toBeVisible();
    await isWell(page);
    await drop(profile, page.locator('strongroom-backup'), [source]);
    await expect(page.locator('.plan[data-whole=true]')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.locator('.plan')).toHaveCount(0);
    await drop(profile, page.locator('strongroom-backup'), [source]);
    await expect(page.locator('.plan[data-whole=true]')).toBeVisible();
    await isWell(page);
    await button('Back up now').click();
    await expect(page.getByText('Backed up: everything is in the vault.')).toBeFocused({ timeout: 60_000 });
    await isWell(page);
    const files = [...(await treeOf(source)).values()].filter(({ kind }) => kind === 'file').length;
    expect(await told(page)).toEqual([['strongroom-unlocked', true], ['strongroom-backed-up', files]]);
    await expect(page.getByRole('treeitem')).toHaveText([/Holiday/]);
  });

  await test.step('unlock', async () => {
    await page.reload();
    const unlock = async (passphrase: string): Promise<void> => {
      await page.getByLabel('Name of the vault').fill('elements');
      await page.getByRole('textbox', { name: 'Passphrase' }).fill(passphrase);
      await page.keyboard.press('Enter');
    };
    await unlock('not this one at all');
    await expect(page.getByRole('alert')).toContainText('do not open a vault here', { timeout: 60_000 });
    expect(await told(page)).toEqual([['strongroom-error', 'wrong_secret']]);
    await isWell(page);
    await unlock(PASSPHRASE);
    await expect(page.getByRole('heading', { name: 'Vault elements' })).toBeFocused({ timeout: 60_000 });
  });

  await test.step('by keyboard into the tree, and all of it as a ZIP', async () => {
    const row = (name: string) => page.locator(`.row[data-key=${JSON.stringify(name)}]`);
    await row('Holiday').focus();
    for (const key of ['ArrowRight', 'ArrowDown', ' ']) {
      await page.keyboard.press(key);
      await expect(page.getByRole('treeitem').nth(1)).toBeVisible();
    }
    await expect(page.getByRole('treeitem', { checked: true })).toHaveCount(1);
    await expect(row('Holiday')).toHaveAttribute('aria-checked', 'mixed');
    await isWell(page);
    await page.keyboard.press(' ');
    await expect(page.getByText('everything will be restored')).toBeVisible();
    await expect(row(`Holiday/${MANY}`)).toBeFocused();
    for (const key of ['ArrowRight', 'End']) await page.keyboard.press(key);
    await page.getByRole('treeitem', { name: 'Show 30 more' }).press('Enter');
    await expect(row(`Holiday/${MANY}/329.txt`)).toBeVisible();
    await expect(page.getByText('Show 30 more')).toHaveCount(0);
    await row(`Holiday/${MANY}/329.txt`).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect(row(`Holiday/${MANY}`)).toBeFocused();
    await page.getByLabel('Search by name').fill('video.bin');
    await expect(page.getByRole('treeitem')).toHaveText([/Holiday\/video\.bin/]);
    await page.keyboard.press('Escape');
    await expect(row('Holiday/video.bin')).toBeVisible();
    const downloading = page.waitForEvent('download');
    await button('Download as ZIP').click();
    const file = world.path('restored.zip');
    await (await downloading).saveAs(file);
    await expect(page.getByText('Restored, and every byte was checked.')).toBeFocused();
    const expected = below('Holiday', await treeOf(source));
    expect(missingInZip(expected, file)).toEqual([]);
    expect((await told(page)).at(-1)).toEqual(['strongroom-restored', [...expected.values()].filter(({ kind }) => kind === 'file').length]);
  });

  await test.step('German and Arabic', async () => {
    for (const [lang, dir, close, title] of [['de', 'ltr', 'Schließen', 'Wiederherstellen'], ['ar', 'rtl', 'إغلاق', 'الاستعادة']] as const) {
      await page.evaluate((tag) => { document.documentElement.lang = tag; }, lang);
      await expect(page.getByRole('heading', { name: title })).toBeVisible();
      await expect(button(close)).toBeVisible();
      await expect(page.locator('strongroom-restore [part=root]')).toHaveAttribute('dir', dir);
      await isWell(page);
    }
    await button('إغلاق').click();
    // Left and right change places with the direction.
    await page.locator('.row[data-key=Holiday]').focus();
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('treeitem')).toHaveCount(1);
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByRole('treeitem').nth(1)).toBeVisible();
    await isWell(page);
  });

  await test.step('halves of the page’s own, and lock', async () => {
    await page.evaluate(() => {
      const vault = document.querySelector('strongroom-vault')!;
      vault.append(document.createElement('strongroom-restore'));
      vault.lang = 'fr';
    });
    await expect(page.locator('strongroom-backup')).toHaveCount(0);
    await expect(page.getByRole('treeitem')).toHaveText([/Holiday/]);
    await button('Verrouiller').click();
    await expect(page.getByRole('heading', { name: 'Déverrouiller un coffre' })).toBeFocused();
    expect((await told(page)).at(-1)).toEqual(['strongroom-locked', null]);
    await page.evaluate(() => document.querySelector('strongroom-vault')!.remove());
  });
  expect(profile.complaints.filter((text) => !text.includes('404')), 'but for the icon that it has not').toEqual([]);
});
