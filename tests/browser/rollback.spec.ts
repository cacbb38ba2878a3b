import { cpSync, renameSync } from 'node:fs';

import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import type { Key, Screens } from './support/screens.ts';
import { expect, test, type World } from './support/world.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';

/** A vault with two backups whose storage then shows only the first one again; this browser has seen both. */
async function setBack(world: World): Promise<{ screens: Screens; key: Key; lost: string; words: string; port: number }> {
  const source = world.path('tree');
  plantFile(`${source}/first.txt`, 40_000);
  let server = await world.server();
  const { port } = server;
  const screens = await world.screens(server.url, 'here');
  const key = await screens.create('back', PASSPHRASE);
  await screens.backUp([source]);
  // Everything the server has, accounts and objects, as somebody who sets it back has it.
  await server.stop();
  cpSync(world.data, world.path('older'), { recursive: true });
  server = await world.server({ port });
  await screens.unlock(key);
  plantFile(`${source}/second.txt`, 40_000);
  const known = new Set(new Objects(world.data).names('snap'));
  await screens.backUp([source]);
  const [lost] = new Objects(world.data).names('snap').filter((name) => !known.has(name));
  await expect(screens.id('snapshot')).toHaveCount(2);
  const words = await screens.id('history-words').locator('strong').textContent() ?? '';
  await server.stop();
  renameSync(world.data, world.path('newer'));
  renameSync(world.path('older'), world.data);
  await world.server({ port });
  return { screens, key, lost: lost ?? '', words, port };
}

test('a storage that was set back stops the unlock with dates and words of what is gone and what is there, and opens only on purpose', async ({ world }) => {
  const { screens, key, lost, words } = await setBack(world);
  await screens.enterPassphrase(key);
  await expect(screens.id('rollback')).toBeVisible({ timeout: 60_000 });
  await screens.onScreen('unlock');
  await expect(screens.id('rollback-lost')).toHaveAttribute('data-id', lost);
  await expect(screens.id('rollback-lost')).toContainText(words);
  expect(words).toMatch(/^[a-z]+( [a-z]+){3}$/);
  await expect(screens.id('rollback-lost').locator('time')).toHaveText(/20\d\d.*\d:\d\d/);
  await expect(screens.id('rollback-head')).toHaveCount(1);
  expect(await screens.id('rollback-head').textContent()).not.toContain(words);
  await expect(screens.id('rollback-next')).toHaveText(/Ask whoever runs the storage/);
  expect(await findings(screens.page)).toEqual([]);

  await screens.id('rollback-back').click();
  await screens.enterPassphrase(key);
  await screens.page.getByText('Open it all the same').click();
  await expect(screens.id('rollback-open')).toBeDisabled();
  await screens.id('rollback-meant').check();
  await screens.id('rollback-open').click();
  await screens.onScreen('vault', 60_000);
  await expect(screens.id('snapshot')).toHaveCount(1);
  // It was meant: nobody is asked again.
  await screens.unlock(key);
});

test('once the newest copy is back the vault opens without a word, and a browser that never saw it has nothing to miss', async ({ world }) => {
  const { screens, key, port } = await setBack(world);
  const stranger = await world.screens(screens.url, 'elsewhere');
  await stranger.unlock(key);
  await stranger.profile.close();
  await screens.enterPassphrase(key);
  await expect(screens.id('rollback')).toBeVisible({ timeout: 60_000 });
  await world.stopServers();
  renameSync(world.data, world.path('older again'));
  renameSync(world.path('newer'), world.data);
  await world.server({ port });
  await screens.unlock(key);
  await expect(screens.id('snapshot')).toHaveCount(2);
});

test('a storage that goes back while the vault is open stops the page with the same dates, words and choice, also in the middle of a back up', async ({ world }) => {
  const source = world.path('tree');
  plantFile(`${source}/first.txt`, 40_000);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('open', PASSPHRASE);
  await screens.backUp([source]);
  const objects = new Objects(world.data);
  const known = new Set(objects.names('snap'));
  plantFile(`${source}/second.txt`, 40_000);
  await screens.backUp([source]);
  const [lost] = objects.names('snap').filter((name) => !known.has(name));
  await expect(screens.id('snapshot')).toHaveCount(2);
  // The page looks once more after a backup, and would find out by itself.
  const calm = (): Promise<void> => expect(screens.id('snapshots-card')).toHaveAttribute('aria-busy', 'false');
  await calm();
  const words = await screens.id('history-words').locator('strong').textContent() ?? '';
  const away = world.path('newest');
  renameSync(objects.file('snap', lost ?? ''), away);
  await screens.id('snapshots-reload').click();
  await expect(screens.id('rollback-lost')).toHaveAttribute('data-id', lost ?? '');
  await expect(screens.id('rollback-lost')).toContainText(words);
  await expect(screens.id('rollback-lost').locator('time')).toHaveText(/20\d\d.*\d:\d\d/);
  await expect(screens.id('rollback-head')).toHaveCount(1);
  await expect(screens.id('drop-zone')).toHaveCount(0);
  expect(await findings(screens.page)).toEqual([]);

  await screens.page.getByText('Go on all the same').click();
  await screens.id('rollback-meant').check();
  await screens.id('rollback-open').click();
  await expect(screens.id('snapshot')).toHaveCount(1);
  await screens.backUp([source]);
  await expect(screens.id('snapshot')).toHaveCount(2);
  await calm();

  await screens.plan([source]);
  const newest = objects.names('snap').filter((name) => !known.has(name));
  for (const name of newest) renameSync(objects.file('snap', name), world.path(`away ${name}`));
  await screens.id('backup-now').click();
  await expect(screens.id('rollback-lost')).toHaveCount(1);
  expect(objects.names('snap').filter((name) => !known.has(name))).toEqual([]);
  await screens.id('rollback-back').click();
  await screens.onScreen('unlock');
});
