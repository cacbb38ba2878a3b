import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import type { Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

const OLD = 'seven lanterns drift over Oslo';
const NEW = 'nine herons sleep beside Turku';

async function openAccess(screens: Screens): Promise<void> {
  await screens.id('settings').click();
  await screens.id('settings-access').click();
  await screens.onScreen('access');
}

test('a passphrase that is changed on the page opens the vault in a fresh profile, the old one does not, and the recovery phrase stays', async ({ world }) => {
  const source = world.path('tree');
  plantFile(`${source}/letter.txt`, 40_000);
  const server = await world.server();
  const here = await world.screens(server.url, 'here');
  const key = await here.create('change', OLD);
  await here.backUp([source]);
  await openAccess(here);
  await here.id('change-open').click();
  await here.id('create-way-own').check();
  await here.id('create-passphrase').fill(NEW);
  await here.id('create-passphrase-again').fill(NEW);
  await here.id('change-submit').click();
  await expect(here.id('change-advice')).toHaveText(/present passphrase/);
  await here.id('change-passphrase').fill('not the one');
  await here.id('change-submit').click();
  await expect(here.id('problem')).toHaveAttribute('data-code', 'wrong_secret', { timeout: 60_000 });
  expect(await findings(here.page)).toEqual([]);
  await here.id('change-passphrase').fill(OLD);
  await here.id('change-submit').click();
  await expect(here.id('change')).toHaveAttribute('data-state', 'changed', { timeout: 60_000 });
  // The vault that is open goes on.
  await here.id('access-back').click();
  await here.backUp([source]);

  const there = await world.screens(server.url, 'there');
  await there.enterPassphrase({ ...key, passphrase: OLD });
  expect(await there.problem()).toMatch(/^wrong_secret/);
  await there.unlock({ ...key, passphrase: NEW });
  await there.openSnapshot();
  await there.unlockByPhrase(key);
});

test('sessions are listed, and ending that of another browser takes the secret and locks it out', async ({ world }) => {
  const server = await world.server();
  const here = await world.screens(server.url, 'here');
  const key = await here.create('seen', OLD);
  const there = await world.screens(server.url, 'there');
  await there.unlock(key);
  await openAccess(here);
  await expect(here.id('session')).toHaveCount(2);
  await expect(here.page.locator('[data-testid="session"][data-current="true"]')).toHaveCount(1);
  expect(await findings(here.page)).toEqual([]);
  await here.id('session-end').click();
  await here.id('sessions-passphrase').fill('a guess');
  await here.id('sessions-end').click();
  await expect(here.id('problem')).toHaveAttribute('data-code', 'wrong_secret', { timeout: 60_000 });
  expect(await findings(here.page)).toEqual([]);
  await there.id('snapshots-reload').click();
  await expect(there.id('problem')).toHaveCount(0);
  await here.id('sessions-passphrase').fill(key.passphrase);
  await here.id('sessions-end').click();
  await expect(here.id('sessions-told')).toHaveText(/1 session has ended/, { timeout: 60_000 });
  await expect(here.id('session')).toHaveCount(1);
  await there.id('snapshots-reload').click();
  await expect(there.id('problem').first()).toHaveAttribute('data-code', 'signed_out');
});
