import { plant, SMALL } from '../browser/support/corpus.ts';
import { drop } from '../browser/support/profile.ts';
import { test } from '../browser/support/world.ts';
import { shoot } from './camera.ts';

test('every screen is drawn', async ({ world }) => {
  const source = world.path('Holiday');
  plant(source, { ...SMALL, media: 8 });
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;

  await screens.open();
  await shoot(page, '01-welcome');
  await screens.id('go-create').click();
  await screens.id('create-name').fill('ana');
  await screens.id('create-offer').waitFor();
  await shoot(page, '02-create');
  await screens.id('create-way-own').check();
  await screens.id('create-passphrase').fill('my dog is called rex');
  await screens.id('create-strength').waitFor();
  await shoot(page, '02-create-own');
  await screens.create('ana', 'correct horse battery staple', async (screen) => shoot(page, { kit: '03-kit', rehearse: '04-rehearse' }[screen]));
  await shoot(page, '05-vault-empty');
  await drop(screens.profile, 'drop-zone', [source]);
  await screens.phase('planned', 60_000);
  await shoot(page, '06-plan');
  await screens.id('backup-now').click();
  await screens.phase('done', 60_000);
  await shoot(page, '07-report');
  await screens.id('activity-close').click();
  await shoot(page, '08-vault');
  await screens.openSnapshot();
  await shoot(page, '09-snapshot');
  await screens.id('lock').click();
  await screens.onScreen('unlock');
  await shoot(page, '10-unlock');
});
