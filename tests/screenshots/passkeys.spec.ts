import { Authenticator } from '../browser/support/passkeys.ts';
import { expect, test } from '../browser/support/world.ts';
import { shoot } from './camera.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';

test('passkeys are drawn, from the first to the last', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url.replace('127.0.0.1', 'localhost'), 'here');
  const { page } = screens;
  await screens.create('ana', PASSPHRASE);
  const old = await Authenticator.plug(screens.profile, { prf: false });
  const add = async (name: string): Promise<void> => {
    await screens.id('passkey-add').click();
    await screens.id('passkey-name').fill(name);
    await screens.id('passkey-passphrase').fill(PASSPHRASE);
    await screens.id('passkey-submit').click();
  };

  await screens.id('settings').click();
  await screens.id('settings-access').click();
  await screens.id('passkeys-none').waitFor();
  await add('My old key');
  await screens.problem();
  await shoot(page, 'passkey-unfit');
  await old.unplug();
  await Authenticator.plug(screens.profile);
  await screens.id('passkey-name').fill('My phone');
  await screens.id('passkey-submit').click();
  await expect(screens.id('passkey')).toHaveCount(1, { timeout: 60_000 });
  await add('The blue key in the drawer');
  await expect(screens.id('passkey')).toHaveCount(2, { timeout: 60_000 });
  await shoot(page, 'passkeys');
  await screens.id('passkey-rename').first().click();
  await shoot(page, 'passkey-rename');
  await screens.id('passkey-keep-name').click();
  await screens.id('passkey-remove').first().click();
  await shoot(page, 'passkey-remove');
  await screens.id('passkey-keep').click();

  await screens.id('lock').click();
  await screens.onScreen('unlock');
  await screens.id('unlock-with-passkey').check();
  await shoot(page, 'unlock-passkey');
});
