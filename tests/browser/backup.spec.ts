import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Locator } from '@playwright/test';

import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import { stays } from './support/leaving.ts';
import { answerPicker, drop } from './support/profile.ts';
import { LONG, type Screens } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import { expect, test, type World } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const PASSPHRASE = 'correct horse battery staple';

/** A folder of which not everything is worth keeping. */
function plantProject(world: World): string {
  const project = world.path('project');
  for (const [name, length] of [
    ['notes/letter.txt', 2_000], ['notes/draft.tmp', 300], ['code/main.rs', 1_000], ['code/node_modules/left-pad/index.js', 700],
    ['code/node_modules/left-pad/readme.md', 900], ['photos/one.jpg', 40_000], ['photos/raw/one.raw', 60_000],
  ] as const) plantFile(path.join(project, name), length, name);
  return project;
}

function folder(screens: Screens, at: string): Locator {
  return screens.page.locator(`[data-testid="folder-entry"][data-path="${at}"]`);
}

function tick(screens: Screens, at: string): Locator {
  return folder(screens, at).getByTestId('folder-tick').first();
}

async function unfold(screens: Screens, ...paths: string[]): Promise<void> {
  for (const at of paths) await folder(screens, at).getByTestId('folder-open').first().click();
}

test('what is unticked, left out by a preset or by a pattern leaves the plan at once, stays out of the snapshot, and is remembered for the vault alone', async ({ world }) => {
  const project = plantProject(world);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const key = await screens.create('chooser', PASSPHRASE);
  expect(await screens.plan([project])).toMatchObject({ files: 7, bytes: 104_900, new: 7 });
  await screens.id('plan-choose').locator('summary').click();
  await unfold(screens, 'project', 'project/code', 'project/photos');
  await tick(screens, 'project/photos/raw').uncheck();
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '6');
  await expect(screens.id('plan-excluded-bytes')).toHaveAttribute('data-value', '60000');
  await screens.page.locator('[data-preset="code"]').check();
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '4');
  await expect(folder(screens, 'project/code/node_modules')).toHaveAttribute('data-out', 'excluded');
  await expect(tick(screens, 'project/code/node_modules')).toBeDisabled();
  await screens.id('rules-leave').fill('*.TMP');
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '3');
  await screens.id('rules-only').fill('!wrong');
  await expect(screens.id('rules-refused')).toContainText('begins with');
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '3');
  await screens.id('rules-only').fill('*.txt, *.rs');
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '2');
  await screens.id('rules-only').fill('');
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '3');
  await expect(screens.id('rules-refused')).toBeEmpty();
  expect(await findings(screens.page)).toEqual([]);
  await screens.id('backup-now').click();
  expect(await screens.finish()).toMatchObject({ files: 3, bytes: 43_000, excluded: 4 });
  const kept = await screens.page.evaluate(() => JSON.stringify({ ...localStorage }));
  expect(kept).toContain('strongroom.choice.');
  expect(kept).not.toMatch(/photos|node_modules|TMP/);
  await screens.openSnapshot();
  const zip = await screens.restoreDownload(world.makeFolder('downloads'));
  await screens.phase('done', LONG);
  rmSync(path.join(project, 'photos/raw'), { recursive: true });
  rmSync(path.join(project, 'code/node_modules'), { recursive: true });
  rmSync(path.join(project, 'notes/draft.tmp'));
  expect(missingInZip(below('project', await treeOf(project)), zip)).toEqual([]);

  await screens.unlock(key);
  plantFile(path.join(project, 'photos/raw/two.raw'), 1_000, 'two');
  expect(await screens.plan([project])).toMatchObject({ files: 3, unchanged: 3, excluded: 1 });
  await screens.id('backup-cancel').click();
  await screens.create('another', PASSPHRASE);
  expect(await screens.plan([project])).toMatchObject({ files: 4 });
});

test('files come by a drop anywhere on the screen, by paste and by a picker, and can be walked again', async ({ world }) => {
  const project = plantProject(world);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('ways', PASSPHRASE);
  const isPlanned = async (files: number, label: RegExp): Promise<void> => {
    await screens.phase('planned', LONG);
    await expect(screens.id('plan-files')).toHaveAttribute('data-value', String(files));
    await expect(screens.id('activity').locator('h2')).toHaveText(label);
    await screens.id('backup-cancel').click();
  };
  await drop(screens.profile, 'vault-name', [project, path.join(project, 'notes/letter.txt')]);
  await isPlanned(8, /project and 1 more/);
  await screens.page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(['from a clipboard'], 'screenshot.png'));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await isPlanned(1, /screenshot\.png/);
  await screens.id('input-files').setInputFiles([path.join(project, 'code/main.rs'), path.join(project, 'notes/letter.txt')]);
  await isPlanned(2, /main\.rs and 1 more/);
  await screens.id('input-folder').setInputFiles(project);
  await isPlanned(7, /project/);
  await answerPicker(screens.profile, project);
  await screens.id('pick-folder').click();
  await isPlanned(7, /project/);
});

test('what cannot be read is listed with its reason while the rest goes on, is in the report to keep, and a second try makes the snapshot whole', async ({ world }) => {
  const project = plantProject(world);
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('trouble', PASSPHRASE);
  await screens.backUp([project]);
  plantFile(path.join(project, 'photos/large.bin'), 40_000_000, 'large');
  const letter = readFileSync(path.join(project, 'notes/letter.txt'));
  writeFileSync(path.join(project, 'notes/letter.txt'), 'a draft');
  await screens.plan([project]);
  await screens.id('plan-choose').locator('summary').click();
  await screens.page.locator('[data-preset="code"]').check();
  await expect(screens.id('plan-files')).toHaveAttribute('data-value', '6');
  rmSync(path.join(project, 'notes/letter.txt'));
  // Nothing can be stored for now, so that there is time to look.
  proxy.fate = ({ method }) => (method === 'PUT' ? { status: 503 } : 'pass');
  await screens.id('backup-now').click();
  await expect(screens.id('progress-waiting')).toHaveText(/\S.{20,}/, { timeout: LONG });
  const tab = (list: string): Locator => screens.page.locator(`[data-testid="list-tab"][data-list="${list}"]`);
  await tab('failed').click();
  await expect(screens.id('list-item')).toHaveAttribute('data-path', 'project/notes/letter.txt');
  await expect(screens.id('list-item')).toHaveAttribute('data-code', 'source_gone');
  await expect(screens.id('list-item').locator('.hint')).toHaveText('not there any more');
  await expect(screens.id('list-item').locator('.hint')).toHaveAttribute('title', /\S.{20,}/);
  await expect(screens.id('list-retry-all')).toBeVisible();
  await tab('failed').focus();
  await screens.page.keyboard.press('ArrowLeft');
  await expect(tab('skipped')).toBeFocused();
  await expect(tab('skipped')).toHaveAttribute('data-value', '5');
  await expect(screens.page.locator('[data-testid="list-item"][data-reason="excluded"]')).toHaveAttribute('data-path', 'project/code/node_modules');
  await expect(screens.page.locator('[data-testid="list-item"][data-reason="unchanged"]')).toHaveCount(4);
  await tab('done').click();
  await expect(screens.id('list-item')).toHaveAttribute('data-path', 'project/photos/large.bin', { timeout: LONG });
  expect(await findings(screens.page)).toEqual([]);
  await screens.id('run-pause').click();
  await expect(screens.id('progress-stage')).toHaveText('Paused');
  await screens.id('run-resume').click();
  proxy.fate = () => 'pass';
  await screens.phase('done', LONG);
  await expect(screens.id('report')).toHaveAttribute('data-outcome', 'partial');
  expect(await findings(screens.page)).toEqual([]);
  const saving = screens.page.waitForEvent('download');
  await screens.id('report-keep').click();
  const report = readFileSync(await (await saving).path(), 'utf8');
  expect(report).toContain('- project/notes/letter.txt: ');
  expect(report).toMatch(/^Snapshot: [0-9a-f]{64}$/m);
  writeFileSync(path.join(project, 'notes/letter.txt'), letter);
  await screens.id('report-retry').click();
  const again = await screens.finish();
  expect(again).toMatchObject({ files: 6, read: 1 });
  expect(again['left'] ?? 0).toBe(0);
});

test('a file that could not be read and is back is tried again while the run goes on, by itself or with all others, and there is one snapshot and it is whole', async ({ world }) => {
  const project = plantProject(world);
  // More than may be read while nothing can be stored: the run goes on until the test lets it.
  plantFile(path.join(project, 'photos/large.bin'), 90_000_000, 'large');
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.profile.cdp.send('Emulation.setHardwareConcurrencyOverride', { hardwareConcurrency: 1 });
  await screens.create('second try', PASSPHRASE);
  await screens.plan([project]);
  const gone = ['notes/letter.txt', 'photos/one.jpg', 'code/main.rs'];
  for (const name of gone) rmSync(path.join(project, name));
  proxy.fate = ({ method }) => (method === 'PUT' ? { status: 503 } : 'pass');
  await screens.id('backup-now').click();
  await expect(screens.id('progress-waiting')).toBeVisible({ timeout: LONG });
  const tab = screens.page.locator('[data-testid="list-tab"][data-list="failed"]');
  await tab.click();
  await expect(screens.id('list-item')).toHaveCount(3, { timeout: LONG });
  expect(await findings(screens.page)).toEqual([]);
  writeFileSync(path.join(project, 'notes/letter.txt'), 'put back');
  const row = (name: string): Locator => screens.page.locator(`[data-testid="list-item"][data-path="project/${name}"]`);
  await row('notes/letter.txt').getByTestId('list-retry').click();
  await expect(row('notes/letter.txt')).toHaveCount(0);
  await expect(screens.id('list')).toBeFocused();
  await row('photos/one.jpg').getByTestId('list-retry').click();
  // Still gone: it is tried, and listed again as the last that failed.
  await expect(screens.id('list-item').last()).toHaveAttribute('data-path', 'project/photos/one.jpg');
  for (const name of ['photos/one.jpg', 'code/main.rs']) plantFile(path.join(project, name), 5_000, name);
  await screens.id('list-retry-all').click();
  await expect(tab).toHaveAttribute('data-value', '0');
  proxy.fate = () => 'pass';
  await screens.phase('done', LONG);
  await expect(screens.id('report')).toHaveAttribute('data-outcome', 'whole');
  expect(await screens.finish()).toMatchObject({ files: 8, read: 8 });
  await expect(screens.id('snapshot')).toHaveCount(1);
  await screens.openSnapshot();
  const zip = await screens.restoreDownload(world.makeFolder('downloads'));
  await screens.phase('done', LONG);
  expect(missingInZip(below('project', await treeOf(project)), zip)).toEqual([]);
});

test('a lost connection and its return are told in place, what sets the pace is named, the screen stays on, and leaving the page asks first', async ({ world }) => {
  const source = world.path('tree');
  for (let number = 0; number < 12; number++) plantFile(path.join(source, `${number}.bin`), 20_000_000, `${number}`);
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('wire', PASSPHRASE);
  await screens.plan([source]);
  proxy.fate = ({ method }) => (method === 'PUT' ? { status: 503 } : 'pass');
  await screens.id('backup-now').click();
  await expect(screens.id('progress-waiting')).toHaveText(/\S.{20,}/, { timeout: LONG });
  await expect(screens.id('keep-open')).toHaveAttribute('data-awake', 'true');
  await stays(screens.page);
  proxy.fate = () => 'pass';
  await expect(screens.id('progress-regained')).toBeVisible({ timeout: LONG });
  await expect(screens.id('progress-waiting')).toHaveCount(0);
  await screens.finish();
});
