import { cpSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { plantFile } from '../browser/support/corpus.ts';
import { Objects } from '../browser/support/objects.ts';
import { drop } from '../browser/support/profile.ts';
import { expect, test } from '../browser/support/world.ts';
import { shoot } from './camera.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';

/** A folder as people have them. */
const HOLIDAY: Record<string, number> = {
  'Lofoten/IMG_2041.jpg': 3_100_000, 'Lofoten/IMG_2042.jpg': 2_800_000, 'Lofoten/IMG_2057.jpg': 3_900_000, 'Lofoten/midnight.mov': 21_000_000,
  'Tromsø/IMG_2113.jpg': 3_400_000, 'Tromsø/IMG_2120.jpg': 2_200_000, 'Tickets/ferry.pdf': 240_000, 'Tickets/train.pdf': 180_000,
};
const ACCOUNTS = 400_000;
const DIARY = 'Day 1. Rain on the ferry, then light that would not end.\n';

function plantHoliday(folder: string, diary: string): void {
  for (const [name, size] of Object.entries(HOLIDAY)) plantFile(path.join(folder, name), size);
  const rows = Array.from({ length: ACCOUNTS }, (_, row) => `2026-07-${10 + row % 20};Tromsø;${row * 7919 % 10_007};kroner;${row}\n`);
  writeFileSync(path.join(folder, 'expenses.csv'), rows.join(''));
  writeFileSync(path.join(folder, 'diary.txt'), diary);
  utimesSync(path.join(folder, 'diary.txt'), 1_782_000_000, 1_782_000_000);
}

test('every screen is drawn', async ({ world }) => {
  const source = world.makeFolder('Norway');
  plantHoliday(source, DIARY);
  const letters = world.path('Letters');
  plantFile(path.join(letters, 'to the tax office.odt'), 84_000);
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  const { page } = screens;

  await screens.open();
  await shoot(page, 'welcome');
  await screens.id('settings').click();
  await shoot(page, 'settings');
  await screens.id('settings-close').click();
  await screens.id('go-create').click();
  await screens.id('create-name').fill('ana');
  await screens.id('create-offer').waitFor();
  await shoot(page, 'create');
  await screens.id('create-way-own').check();
  await screens.id('create-passphrase').fill('password1234');
  await screens.id('create-passphrase-again').fill('password1234');
  await screens.id('create-strength').waitFor();
  await screens.id('create-submit').click();
  await shoot(page, 'create-own');
  const key = await screens.create('ana', PASSPHRASE, (screen) => shoot(page, screen));
  await shoot(page, 'vault-empty');

  await screens.backUp([letters]);
  await drop(screens.profile, 'drop-zone', [source]);
  await screens.phase('planned', 60_000);
  await shoot(page, 'plan');
  // The storage holds its breath, then refuses for a while, so that there is time for pictures.
  const isPack = ({ method, url }: { method: string; url: string }): boolean => method === 'PUT' && url.includes('/pack/');
  let goOn = (): void => undefined;
  const held = new Promise<void>((release) => { goOn = release; });
  let packs = 0;
  proxy.fate = (request) => isPack(request) && ++packs > 1 ? { until: held } : 'pass';
  // Two files are away while the rest is read.
  const away = ['diary.txt', 'expenses.csv'].map((name) => [path.join(source, name), world.path(name)] as const);
  for (const [here, there] of away) renameSync(here, there);
  await screens.id('backup-now').click();
  await expect.poll(async () => Number(await screens.id('progress-stored').getAttribute('data-value')), { timeout: 120_000 }).toBeGreaterThan(0);
  await shoot(page, 'progress');
  await screens.id('run-pause').click();
  await expect(screens.id('run-resume')).toBeVisible();
  await shoot(page, 'paused');
  await screens.id('run-resume').click();
  proxy.fate = (request) => isPack(request) ? { status: 503 } : 'pass';
  goOn();
  await expect(screens.id('progress-waiting')).toBeVisible({ timeout: 60_000 });
  await shoot(page, 'running');
  await page.locator('[data-testid="list-tab"][data-list="failed"]').click();
  await expect(screens.id('list-item')).toHaveCount(away.length);
  await shoot(page, 'failed');
  for (const [here, there] of away) renameSync(there, here);
  await screens.id('list-retry-all').click();
  proxy.fate = () => 'pass';
  await screens.phase('done', 120_000);
  await shoot(page, 'report');
  await screens.id('activity-close').click();
  writeFileSync(path.join(source, 'diary.txt'), `${DIARY}Day 2. Whales.\n`);
  await screens.backUp([source]);
  await shoot(page, 'vault');
  for (const summary of await page.locator('.trust summary').all()) await summary.click();
  await shoot(page, 'vault-facts');

  await screens.id('settings').click();
  await screens.id('settings-access').click();
  const other = await world.screens(proxy.url, 'there');
  await other.unlock(key);
  await screens.id('sessions-reload').click();
  await expect(screens.id('session')).not.toHaveCount(1);
  await shoot(page, 'access');
  await screens.id('session-end').first().click();
  await shoot(page, 'access-end-session');
  await screens.id('sessions-keep').click();
  await screens.id('change-open').click();
  await screens.id('create-offer').waitFor();
  await shoot(page, 'access-change');
  await screens.id('access-back').click();

  await screens.id('home-space').click();
  await shoot(page, 'space');
  await screens.id('keep-newest').check();
  await screens.id('keep-number-last').fill('1');
  await screens.id('keep-show').click();
  await screens.id('keep-freed').waitFor();
  await shoot(page, 'space-would-go');
  await screens.id('keep-forget').click();
  await expect(screens.id('keep-told')).not.toBeEmpty();
  await screens.id('prune-look').click();
  await screens.id('prune-freed').waitFor();
  await shoot(page, 'space-would-free');
  await screens.id('prune-open').click();
  await shoot(page, 'space-prune');
  await screens.id('prune-passphrase').fill(PASSPHRASE);
  await screens.id('prune-go').click();
  await screens.phase('done', 60_000);
  await screens.id('erasure').waitFor();
  await shoot(page, 'space-pruned');
  await screens.id('space-back').click();
  await shoot(page, 'vault-erasures');
  await screens.id('home-erasures-open').click();
  await screens.id('erasure-cancel').click();
  await screens.id('erasures-empty').waitFor();
  await shoot(page, 'space-called-off');
  await screens.id('space-back').click();

  await screens.openSnapshot();
  await shoot(page, 'snapshot');
  await screens.restoreDownload(world.makeFolder('downloads'));
  await screens.phase('done', 60_000);
  await shoot(page, 'restored');
  await screens.id('activity-close').click();

  await screens.id('lock').click();
  await screens.onScreen('unlock');
  await shoot(page, 'unlock');
  await screens.id('unlock-with-phrase').check();
  await shoot(page, 'unlock-phrase');
  await screens.enterPassphrase({ ...key, passphrase: 'seven lanterns drift over Rome' });
  await screens.problem();
  await shoot(page, 'failure');

  // The storage is set back by one backup, and then put right again.
  await server.stop();
  cpSync(world.data, world.path('older'), { recursive: true });
  const newer = await world.server({ port: server.port });
  await screens.unlock(key);
  plantFile(path.join(source, 'Tickets/bus.pdf'), 90_000);
  await screens.backUp([source]);
  await newer.stop();
  renameSync(world.data, world.path('newer'));
  renameSync(world.path('older'), world.data);
  const older = await world.server({ port: server.port });
  await screens.enterPassphrase(key);
  await expect(screens.id('rollback')).toBeVisible({ timeout: 60_000 });
  await shoot(page, 'rollback');
  await page.getByText('Open it all the same').click();
  await shoot(page, 'rollback-choice');
  await older.stop();
  renameSync(world.data, world.path('older'));
  renameSync(world.path('newer'), world.data);
  await world.server({ port: server.port });

  const objects = new Objects(world.data);
  for (const pack of objects.names('pack')) objects.flip('pack', pack, (length) => length >> 1);
  await screens.unlock(key);
  await screens.id('verify-data').click();
  await screens.phase('done', 60_000);
  await shoot(page, 'damage');
});
