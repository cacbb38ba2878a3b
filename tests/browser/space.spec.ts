import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { LONG, type Screens } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const PASSPHRASE = 'correct horse battery staple';
const DAY = 86_400_000;
const LARGE = 3_000_000;

async function value(screens: Screens, id: string): Promise<number> {
  await expect(screens.id(id)).toBeVisible({ timeout: LONG });
  return Number(await screens.id(id).getAttribute('data-value'));
}

/** Shows what keeping only the newest would forget. */
async function previewNewest(screens: Screens): Promise<void> {
  await screens.id('keep-newest').check();
  await screens.id('keep-number-last').fill('1');
  await screens.id('keep-show').click();
  await expect(screens.id('keep-verdict')).toHaveAttribute('data-value', '2', { timeout: LONG });
}

/** From what it would free to the report. */
async function prune(screens: Screens, passphrase: string, phase = 'done'): Promise<Record<string, number>> {
  await screens.id('prune-look').click();
  await screens.id('prune-open').click({ timeout: LONG });
  await screens.id('prune-passphrase').fill(passphrase);
  await screens.id('prune-go').click();
  await screens.phase(phase, LONG);
  return screens.numbers('report');
}

test('at a server: rules say first what they forget, a prune what it frees; it waits, is called off elsewhere, and another time erased by the server; what stays restores bit for bit', async ({ world }) => {
  const source = world.makeFolder('tree');
  plantFile(path.join(source, 'letter.txt'), 40_000, 'letter');
  plantFile(path.join(source, 'large.bin'), LARGE, 'large');
  const server = await world.server();
  const here = await world.screens(server.url, 'here');
  const key = await here.create('space', PASSPHRASE);
  await here.backUp([source]);
  rmSync(path.join(source, 'large.bin'));
  await here.backUp([source]);
  plantFile(path.join(source, 'more.txt'), 50_000, 'more');
  await here.backUp([source]);
  const objects = new Objects(world.data);
  const before = objects.bytes('pack');

  await here.id('home-space').click();
  await here.onScreen('space');
  await expect(here.id('erasures-empty')).toBeVisible({ timeout: LONG });
  // Nothing is old enough yet.
  await here.id('keep-show').click();
  await expect(here.id('keep-verdict')).toHaveAttribute('data-value', '0', { timeout: LONG });
  await here.id('keep-own').check();
  await here.id('keep-show').click();
  await expect(here.id('keep-advice')).toContainText('keep nothing');
  await previewNewest(here);
  expect(await value(here, 'keep-freed')).toBeGreaterThan(LARGE);
  await expect(here.id('keep-going-snapshot')).toHaveCount(2);
  await expect(here.id('keep-emptied')).toHaveCount(0);
  expect(await findings(here.page)).toEqual([]);
  await here.id('keep-forget').click();
  await expect(here.id('keep-told')).toContainText('2 snapshots are forgotten', { timeout: LONG });

  await here.id('prune-look').click();
  expect(await value(here, 'prune-freed')).toBeGreaterThan(LARGE);
  expect(await value(here, 'prune-snapshots')).toBe(2);
  await here.id('prune-leave').click();
  await prune(here, 'not the one', 'failed');
  await expect(here.id('problem').first()).toHaveAttribute('data-code', 'wrong_secret');
  await here.id('activity-close').click();
  await here.id('prune-look').click();
  await here.id('prune-open').click({ timeout: LONG });
  expect(await findings(here.page)).toEqual([]);
  await here.id('prune-keep').click();
  await here.id('prune-leave').click();
  const report = await prune(here, PASSPHRASE);
  expect(report['freed']).toBeGreaterThan(LARGE);
  expect(report['erased']).toBe(0);
  await expect(here.id('erasure')).toHaveAttribute('data-snapshots', '2', { timeout: LONG });
  const due = Number(await here.id('erasure').getAttribute('data-due'));
  expect(Math.abs(due - Date.now() - 7 * DAY)).toBeLessThan(DAY / 2);
  expect(await findings(here.page)).toEqual([]);
  expect(objects.bytes('pack'), 'nothing is erased before the delay').toBeGreaterThanOrEqual(before);
  await here.id('space-back').click();
  await expect(here.id('snapshots')).toHaveAttribute('data-value', '1', { timeout: LONG });

  // Whoever unlocks is told, and can call it off.
  const there = await world.screens(server.url, 'there');
  await there.unlock(key);
  await there.id('home-erasures-open').click({ timeout: LONG });
  await there.id('erasure-cancel').click();
  await expect(there.id('erasures-told')).toContainText('2 snapshots are back', { timeout: LONG });
  await expect(there.id('erasures-empty')).toBeVisible();
  await there.profile.close();
  await here.id('snapshots-reload').click();
  await expect(here.id('snapshots')).toHaveAttribute('data-value', '3', { timeout: LONG });
  await expect(here.id('home-erasures')).toHaveCount(0);

  // The operator shortens the delay: what is marked from then on is due at once.
  await server.stop();
  const record = world.path('record');
  await world.server({ port: server.port, eraseDelay: '0s', record });
  await here.id('home-space').click();
  await previewNewest(here);
  await here.id('keep-forget').click();
  await expect(here.id('keep-told')).toContainText('2 snapshots are forgotten', { timeout: LONG });
  await prune(here, PASSPHRASE);
  await here.id('activity-close').click();
  await here.id('prune-look').click();
  expect(await value(here, 'prune-due')).toBeGreaterThan(LARGE);
  await here.id('prune-leave').click();
  const erased = await prune(here, PASSPHRASE);
  expect(erased['erased']).toBeGreaterThan(LARGE);
  await here.id('activity-close').click();
  expect(objects.bytes('pack')).toBeLessThan(before - LARGE);
  const methods = readdirSync(record).filter((name) => name.endsWith('.json')).map((name) => (JSON.parse(readFileSync(path.join(record, name), 'utf8')) as { method: string }).method);
  expect(new Set(methods), 'the server erases by itself').toEqual(new Set(['GET', 'POST', 'PUT']));

  await here.id('space-back').click();
  expect(await here.verify('data', async () => expect([...await here.left()]).toEqual([]))).toMatchObject({ snapshots: 1 });
  await here.openSnapshot();
  const zip = await here.restoreDownload(world.makeFolder('downloads'));
  expect(await missingInZip(below('tree', await treeOf(source)), zip)).toEqual([]);
  expect(here.profile.complaints.filter((text) => !text.includes('401'))).toEqual([]);
});
