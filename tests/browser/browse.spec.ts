import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Page } from '@playwright/test';

import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import { answerPicker } from './support/profile.ts';
import type { Screens } from './support/screens.ts';
import { expect, test, type World } from './support/world.ts';

const PASSPHRASE = 'correct horse battery staple';
/** One red point. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

/** Files of these contents, and folders where there is none. */
function plant(folder: string, things: Record<string, string | Buffer | undefined>): void {
  for (const [name, content] of Object.entries(things)) {
    const file = path.join(folder, name);
    mkdirSync(content === undefined ? file : path.dirname(file), { recursive: true });
    if (content !== undefined) writeFileSync(file, content);
  }
}

async function begin(world: World, things: Record<string, string | Buffer | undefined>): Promise<{ screens: Screens; source: string }> {
  const source = world.path('home');
  plant(source, things);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('finder', PASSPHRASE);
  await screens.backUp([source]);
  return { screens, source };
}

const entry = (screens: Screens, where: string) => screens.page.locator(`[data-testid="entry"][data-path="${where}"]`);
const focused = (page: Page) => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['path'] ?? document.activeElement?.tagName);
const shown = (screens: Screens) => screens.id('entry').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['path']));

test('the tree is gone through with the keyboard alone: unfold, fold, type a name, pick, look, open, restore', async ({ world }) => {
  const { screens } = await begin(world, {
    'apple.txt': 'a', 'letters/2019/one.txt': 'one', 'letters/2019/two.txt': 'two!', 'letters/2020/three.txt': 'three', 'letters/empty': undefined, 'zebra.txt': 'striped',
  });
  const { page } = screens;
  const press = async (...keys: string[]): Promise<void> => { for (const key of keys) await page.keyboard.press(key); };
  const at = (where: string) => expect.poll(() => focused(page)).toBe(where);
  await screens.openSnapshot();
  await expect(page.getByRole('treegrid')).toHaveAttribute('aria-rowcount', '2');
  await entry(screens, 'home').getByTestId('entry-open').focus();
  await press('Enter');
  await at('home/apple.txt');
  expect(await shown(screens)).toEqual(['home/apple.txt', 'home/letters', 'home/zebra.txt']);

  await press('ArrowDown');
  await at('home/letters');
  await expect(entry(screens, 'home/letters')).toHaveAttribute('aria-expanded', 'false');
  await press('ArrowRight');
  await expect(entry(screens, 'home/letters/2019')).toHaveAttribute('aria-level', '2');
  await expect(entry(screens, 'home/letters/2019')).toHaveAttribute('aria-setsize', '3');
  await press('ArrowRight');
  await at('home/letters/2019');
  await press('ArrowRight');
  await expect(entry(screens, 'home/letters/2019/two.txt')).toBeVisible();
  await press('End');
  await at('home/zebra.txt');
  await page.keyboard.type('tw');
  await at('home/letters/2019/two.txt');
  await press('ArrowLeft');
  await at('home/letters/2019');
  await press('Home');
  await at('home/apple.txt');

  // A folder counts what is in it, and what is in it cannot be picked once more.
  await press('Space');
  await expect(screens.id('selection')).toHaveAttribute('data-bytes', '1');
  await page.keyboard.type('let');
  await at('home/letters');
  // A space would still belong to the name; a step aside ends it.
  await press('ArrowUp', 'ArrowDown', 'Space');
  await expect(screens.id('selection')).toHaveAttribute('data-files', '4');
  await expect(screens.id('selection')).toHaveAttribute('data-bytes', '13');
  await expect(entry(screens, 'home/letters/2019/one.txt').getByTestId('entry-select')).toBeDisabled();
  await expect(entry(screens, 'home/letters/2019/one.txt')).toHaveAttribute('aria-selected', 'true');
  await press('Space');
  await expect(screens.id('selection')).toHaveAttribute('data-files', '1');
  expect(await findings(page)).toEqual([]);
  await press('ArrowLeft');
  await expect(entry(screens, 'home/letters/2019')).toHaveCount(0);
  await press('Enter');
  await at('home/letters/2019');
  await expect(screens.id('crumb').last()).toHaveText('letters');
  await press('ArrowDown', 'ArrowDown', 'Enter');
  await expect(screens.id('entries-empty')).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('empty');
  await page.goBack();
  await expect(entry(screens, 'home/letters/2019')).toBeVisible();
  expect(screens.profile.complaints).toEqual([]);
});

test('a search finds names as they are typed, shows where they are, and everything can be done with what it found', async ({ world }) => {
  const many = Object.fromEntries(Array.from({ length: 2_300 }, (_, number) => [`box/${number} note.md`, '']));
  const { screens } = await begin(world, { ...many, 'trips/Été à Paris/plan.txt': 'the plan', 'trips/Rome/plan b.txt': 'another' });
  const { page } = screens;
  await screens.openSnapshot();
  const found = screens.id('find-state');
  await screens.id('find').fill('PLAN');
  await expect(found).toHaveAttribute('data-state', 'whole');
  expect(await shown(screens)).toEqual(['home/trips/Rome/plan b.txt', 'home/trips/Été à Paris/plan.txt']);
  await expect(screens.id('entry-where').first()).toHaveText('home/trips/Rome');
  await entry(screens, 'home/trips/Rome/plan b.txt').getByTestId('entry-select').check();
  await expect(screens.id('selection')).toHaveAttribute('data-bytes', '7');
  await screens.id('find').fill('ete PARIS');
  await expect(found).toHaveAttribute('data-value', '1');
  await expect(entry(screens, 'home/trips/Été à Paris')).toHaveAttribute('data-kind', 'folder');
  expect(await findings(page)).toEqual([]);
  // Finds are bounded, and the page says so.
  await screens.id('find').fill('note');
  await expect(found).toHaveAttribute('data-state', 'full');
  await expect(found).toHaveAttribute('data-value', '2000');
  expect(await screens.id('entry').count()).toBeLessThan(100);
  await screens.id('find').fill('nothing like that');
  await expect(found).toContainText('No name');
  await screens.id('find').fill('plan.txt');
  await expect(found).toHaveAttribute('data-value', '1');
  await screens.id('find').press('ArrowDown');
  await expect.poll(() => focused(page)).toBe('home/trips/Été à Paris/plan.txt');
  await screens.id('entry-where').click();
  await expect(screens.id('find')).toHaveValue('');
  await expect(screens.id('entries')).toHaveAttribute('data-path', 'home/trips/Été à Paris');
  await expect.poll(() => focused(page)).toBe('home/trips/Été à Paris/plan.txt');
});

test('the folder stays when one goes through time, and a file shows its versions, of which any comes back', async ({ world }) => {
  const { screens, source } = await begin(world, { 'notes/plan.txt': 'first plan', 'notes/old/gone.txt': 'gone soon', 'other.txt': 'x' });
  rmSync(path.join(source, 'notes/old'), { recursive: true });
  plant(source, { 'notes/plan.txt': 'the second plan' });
  utimesSync(path.join(source, 'notes/plan.txt'), 1_700_000_000, 1_700_000_000);
  await screens.backUp([source]);
  await screens.openSnapshot(1);
  await expect(screens.id('timeline-stop')).toHaveCount(2);
  await expect(screens.id('timeline-older')).toBeDisabled();
  for (const name of ['home', 'notes', 'old']) await screens.page.locator(`[data-testid="entry"][data-name="${name}"]`).getByTestId('entry-open').click();
  await expect(entry(screens, 'home/notes/old/gone.txt')).toBeVisible();

  // A folder that the other snapshot lacks: the nearest that it has, and the way back.
  await screens.id('timeline-newer').click();
  await expect(screens.id('path-missing')).toContainText('home/notes/old');
  await expect(screens.id('entries')).toHaveAttribute('data-path', 'home/notes');
  expect(await shown(screens)).toEqual(['home/notes/plan.txt']);
  await screens.page.goBack();
  await expect(entry(screens, 'home/notes/old/gone.txt')).toBeVisible();
  await screens.id('crumb').nth(2).click();
  await screens.id('timeline-stop').nth(1).click();
  await expect(screens.id('entries')).toHaveAttribute('data-path', 'home/notes');
  await expect(screens.id('path-missing')).toHaveCount(0);
  await expect(entry(screens, 'home/notes/plan.txt')).toHaveAttribute('data-size', '15');

  await screens.id('entry-look').click();
  await expect(screens.id('preview-text')).toHaveText('the second plan');
  await expect(screens.id('version')).toHaveCount(2);
  await expect(screens.id('version').first()).toHaveAttribute('aria-current', 'true');
  await screens.id('version').nth(1).click();
  await expect(screens.id('preview-text')).toHaveText('first plan');
  expect(await findings(screens.page)).toEqual([]);
  const download = screens.page.waitForEvent('download');
  await screens.id('file-download').click();
  const saved = world.path('plan.txt');
  await (await download).saveAs(saved);
  expect(readFileSync(saved, 'utf8')).toBe('first plan');
  await screens.phase('done', 30_000);
  await screens.id('activity-close').click();

  // The same into a folder.
  const target = world.makeFolder('restored');
  await answerPicker(screens.profile, target);
  await screens.id('entry-look').click();
  await screens.id('version').nth(1).click();
  await screens.id('file-folder').click();
  await screens.phase('done', 30_000);
  expect(readFileSync(path.join(target, 'home/notes/plan.txt'), 'utf8')).toBe('first plan');
  await expect(screens.id('report-checked')).toHaveAttribute('data-value', '1');
  await expect(screens.id('report')).toHaveAttribute('data-outcome', 'whole');
});

test('a look at a file shows text and pictures, and nothing in it acts', async ({ world }) => {
  const page = '<!doctype html><script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">';
  const { screens } = await begin(world, {
    'code.rs': 'fn main() {\n    println!("\u202ehi");\n}\n', 'evil.html': page, 'evil.png': page,
    'evil.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title = \'owned\'"/>', 'long.log': 'line\n'.repeat(100_000), 'noise.bin': Buffer.from([1, 2, 3, 0, 255]), 'point.png': PNG,
  });
  await screens.openSnapshot();
  await screens.id('entry-open').click();
  const title = await screens.page.title();
  const look = async (name: string, kind: string): Promise<void> => {
    await entry(screens, `home/${name}`).getByTestId('entry-look').click();
    await expect(screens.id('preview')).toHaveAttribute('data-kind', kind);
  };
  const close = async (): Promise<void> => {
    await screens.page.keyboard.press('Escape');
    await expect(screens.id('file')).toBeHidden();
  };
  for (const name of ['evil.html', 'evil.png', 'evil.svg']) {
    await look(name, 'text');
    await expect(screens.id('preview-text')).toContainText('document.title');
    await close();
  }
  await look('code.rs', 'text');
  await expect(screens.id('preview-text')).toContainText('⟨U+202E⟩hi');
  await close();
  await look('long.log', 'text');
  await expect(screens.id('preview-rest')).toHaveAttribute('data-value', String(500_000 - 256 * 1024));
  await close();
  await look('noise.bin', 'none');
  await close();
  await look('point.png', 'picture');
  expect(await findings(screens.page)).toEqual([]);
  await expect.poll(() => screens.id('preview-picture').evaluate((picture) => (picture as HTMLImageElement).naturalWidth)).toBe(1);
  await close();
  expect(await screens.page.title()).toBe(title);
  expect(screens.profile.complaints).toEqual([]);
});

test('a folder is sorted by name, date or size by keyboard, the head says how, and the order stays from folder to folder', async ({ world }) => {
  const source = world.path('tree');
  for (const [name, size] of [['b.txt', 300], ['a.txt', 20_000], ['c.txt', 4_000]] as const) plantFile(`${source}/${name}`, size);
  plantFile(`${source}/inner/small.txt`, 10);
  plantFile(`${source}/inner/zlarge.txt`, 50_000);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('sorted', 'correct horse battery staple');
  await screens.backUp([source]);
  await screens.openSnapshot();
  await screens.id('entry-open').click();
  await expect(screens.id('entries')).toHaveAttribute('data-path', 'tree');
  const names = (): Promise<(string | null)[]> => screens.id('entry').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-name')));
  const head = (key: string) => screens.page.locator(`[data-testid="entries-sort"][data-key="${key}"]`);
  const sorted = (key: string) => screens.page.getByRole('columnheader').filter({ has: head(key) });
  await expect(sorted('name')).toHaveAttribute('aria-sort', 'ascending');
  await head('size').focus();
  await screens.page.keyboard.press('Enter');
  await expect(sorted('size')).toHaveAttribute('aria-sort', 'descending');
  await expect(sorted('name')).not.toHaveAttribute('aria-sort');
  expect(await names()).toEqual(['inner', 'a.txt', 'c.txt', 'b.txt']);
  await screens.page.keyboard.press('Space');
  await expect(sorted('size')).toHaveAttribute('aria-sort', 'ascending');
  expect(await names()).toEqual(['b.txt', 'c.txt', 'a.txt', 'inner']);
  await screens.id('entry-open').click();
  await expect(screens.id('entries')).toHaveAttribute('data-path', 'tree/inner');
  await expect(sorted('size')).toHaveAttribute('aria-sort', 'ascending');
  expect(await names()).toEqual(['small.txt', 'zlarge.txt']);
  await head('name').focus();
  await screens.page.keyboard.press('Enter');
  await screens.page.keyboard.press('Enter');
  await expect(sorted('name')).toHaveAttribute('aria-sort', 'descending');
  expect(await names()).toEqual(['zlarge.txt', 'small.txt']);
});
