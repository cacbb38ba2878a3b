import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';

import { plant, plantFile, SMALL } from './support/corpus.ts';
import { answerPicker } from './support/profile.ts';
import { LONG, type Screens } from './support/screens.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test, type World } from './support/world.ts';
import { missingInZip, treeOfZip } from './support/zip.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';

/** What every failure shows: what happened, why, and what to do next. */
async function isExplained(screens: Screens, code: string, next: RegExp): Promise<void> {
  await expect(screens.id('problem').first()).toHaveAttribute('data-code', code, { timeout: LONG });
  for (const part of ['message', 'cause', 'next']) await expect(screens.id(`problem-${part}`).first()).toHaveText(/^[A-Z].{15,}\.$/);
  await expect(screens.id('problem-next').first()).toHaveText(next);
}

async function ready(world: World, name: string): Promise<{ screens: Screens; source: string }> {
  const source = world.path('tree');
  plant(source, SMALL);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create(name, PASSPHRASE);
  return { screens, source };
}

test('a page that was not opened securely says so before anybody types a secret', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(`http://strongroom.test:${server.port}`, 'here', { flags: ['--host-resolver-rules=MAP strongroom.test 127.0.0.1'] });
  await screens.open();
  await isExplained(screens, 'not_supported', /https:\/\//);
  await expect(screens.id('go-create')).toHaveCount(0);
});

test('a browser without vector instructions is told to be updated before anybody types a secret', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here', { flags: ['--js-flags=--no-enable-sse4-1 --no-enable-ssse3 --no-enable-avx'] });
  await screens.open();
  await isExplained(screens, 'not_supported', /Update the browser/);
  await expect(screens.id('go-create')).toHaveCount(0);
});

test('a server that is gone when the vault is to be created is named, and trying again works once it is back', async ({ world }) => {
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.open();
  await screens.id('go-create').click();
  await screens.id('create-name').fill('away');
  await screens.id('create-offer').waitFor();
  await screens.id('create-saved').check();
  await proxy.away();
  await screens.id('create-submit').click();
  await isExplained(screens, 'unavailable', /connection/);
  await proxy.back();
  await screens.id('problem-retry').click();
  await screens.onScreen('kit', 60_000);
});

test('after too many wrong passphrases the server says how long to wait, and the recovery phrase still opens the vault', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const key = await screens.create('guessed', PASSPHRASE);
  await screens.id('lock').click();
  await screens.onScreen('unlock');
  const tries: (string | null)[] = [];
  while (tries.at(-1) !== 'denied' && tries.length < 20) {
    await screens.id('unlock-passphrase').fill(`guess number ${tries.length}`);
    await screens.id('unlock-submit').click();
    tries.push(await screens.id('problem').getAttribute('data-code'));
  }
  expect(tries.slice(0, -1)).toEqual(Array(tries.length - 1).fill('wrong_secret'));
  await isExplained(screens, 'denied', /recovery phrase/);
  await expect(screens.id('problem-cause')).toHaveText(/too many tries\. Wait \d+/);
  await screens.unlockByPhrase(key);
});

test('a stranger who uses up the tries of a vault keeps out no browser that has opened it before, unless that was forgotten', async ({ world }) => {
  const server = await world.server();
  const owner = await world.screens(server.url, 'here');
  const key = await owner.create('besieged', PASSPHRASE);
  await owner.unlock(key);
  const stranger = await world.screens(server.url, 'elsewhere');
  const siege = async (): Promise<void> => {
    await stranger.open();
    await stranger.id('go-unlock').click();
    await stranger.id('unlock-name').fill(key.name);
    const tries: (string | null)[] = [];
    while (tries.at(-1) !== 'denied' && tries.length < 20) {
      await stranger.id('unlock-passphrase').fill(`guess number ${tries.length}`);
      await stranger.id('unlock-submit').click();
      tries.push(await stranger.id('problem').getAttribute('data-code'));
    }
    expect(tries.at(-1)).toBe('denied');
  };
  await siege();
  await owner.unlock(key);
  expect(await owner.page.evaluate(() => Object.keys(localStorage).filter((kept) => kept.startsWith('strongroom.device.')))).toHaveLength(1);
  await owner.id('settings').click();
  await owner.id('settings-forget').click();
  await owner.id('settings-close').click();
  expect(await owner.page.evaluate(() => Object.keys(localStorage).filter((kept) => kept.startsWith('strongroom.device.')))).toEqual([]);
  await siege();
  await owner.enterPassphrase(key);
  await isExplained(owner, 'denied', /recovery phrase/);
});

test('a storage that refuses ends the run with a next step, and the same again works once it no longer does', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('refused', PASSPHRASE);
  await screens.plan([source]);
  proxy.fate = ({ method, url }) => method === 'PUT' && url.startsWith('/storage/') ? { status: 403 } : 'pass';
  await screens.id('backup-now').click();
  await screens.phase('failed', LONG);
  await isExplained(screens, 'denied', /clock/);
  proxy.fate = () => 'pass';
  await screens.id('activity-close').click();
  await screens.backUp([source]);
});

test('a storage elsewhere whose answers the page may not read is told apart from one that is gone, and each says what to do', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const server = await world.server();
  const gone = await world.server({ data: world.path('gone') });
  await gone.stop();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  const key = await screens.create('elsewhere', PASSPHRASE);
  // The page comes through the proxy; these two storages are of another origin, and the first is real and allows no page.
  const storageAt = (origin: string) => {
    proxy.rewrite = { url: '/api/v1/sign', change: (body) => body.replaceAll('"url":"/storage/', `"url":"${origin}/storage/`) };
  };
  storageAt(server.url);
  await screens.plan([source]);
  await screens.id('backup-now').click();
  await screens.phase('failed', LONG);
  await isExplained(screens, 'cors', /CORS settings/);
  await screens.id('activity-close').click();
  await screens.enterPassphrase(key);
  await isExplained(screens, 'cors', /CORS settings/);
  storageAt(gone.url);
  await screens.enterPassphrase(key);
  await isExplained(screens, 'unavailable', /connection/);
  proxy.rewrite = undefined;
  await screens.unlock(key);
  await screens.backUp([source]);
});

test('a session that has ended leads back to unlock', async ({ world }) => {
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('ended', PASSPHRASE);
  proxy.fate = ({ url }) => url.startsWith('/api/v1/') ? { status: 401 } : 'pass';
  await screens.id('snapshots-reload').click();
  await isExplained(screens, 'signed_out', /Unlock the vault again/);
  await screens.id('problem-unlock').first().click();
  await screens.onScreen('unlock');
});

for (const way of ['dropped', 'chosen'] as const) {
  test(`of a folder that was ${way}, a file that changes between the plan and the reading is backed up as it is then, and one that vanishes is named in the report`, async ({ world }) => {
    const { screens, source } = await ready(world, 'moving');
    const moving = `${source}/moving`;
    plantFile(`${moving}/changes.txt`, 40_000);
    plantFile(`${moving}/keeps its size.txt`, 40_000, 'before');
    plantFile(`${moving}/vanishes.txt`, 40_000);
    const { atime, mtimeMs } = statSync(`${moving}/keeps its size.txt`);
    if (way === 'dropped') await screens.plan([source]);
    else {
      await answerPicker(screens.profile, source);
      await screens.id('pick-folder').click();
      await screens.phase('planned', LONG);
    }
    writeFileSync(`${moving}/changes.txt`, 'another content altogether');
    plantFile(`${moving}/keeps its size.txt`, 40_000, 'after');
    // Only by thousandths of a second another than it was.
    utimesSync(`${moving}/keeps its size.txt`, atime, (Math.floor(mtimeMs) + 3) / 1_000);
    rmSync(`${moving}/vanishes.txt`);
    await screens.id('backup-now').click();
    await screens.phase('done', LONG);
    const left = await screens.left();
    expect([...left.keys()]).toEqual(['tree/moving/vanishes.txt']);
    expect(left.get('tree/moving/vanishes.txt')).toMatch(/^source_(gone|changed)$/);
    await screens.id('activity-close').click();
    await screens.openSnapshot();
    const zip = await screens.restoreDownload(world.makeFolder('downloads'));
    await screens.phase('done', LONG);
    const restored = new Map([...treeOfZip(zip)].filter(([name]) => name.startsWith('tree/moving')));
    expect(differences(below('tree/moving', await treeOf(moving)), restored)).toEqual([]);
  });
}

test('a folder that may not be written to ends a restore with a next step', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here', { content: { file_system_write_guard: 2 } });
  await screens.create('forbidden', PASSPHRASE);
  await screens.backUp([source]);
  await screens.openSnapshot();
  await answerPicker(screens.profile, world.makeFolder('target'));
  await screens.id('restore-all-folder').click();
  await screens.phase('failed', LONG);
  await isExplained(screens, 'sink_failed', /allow writing/);
});

test('a disk that is full ends a restore with a next step', async ({ world }) => {
  const source = world.path('tree');
  plantFile(`${source}/large.bin`, 30_000_000);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.create('full', PASSPHRASE);
  await screens.backUp([source]);
  await screens.openSnapshot();
  // The page's own folder in the browser is a disk whose size a test can set.
  await screens.profile.cdp.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 8_000_000 });
  await screens.page.evaluate(() => Object.assign(window, { showDirectoryPicker: () => navigator.storage.getDirectory() }));
  await screens.id('restore-all-folder').click();
  await screens.phase('failed', LONG);
  await isExplained(screens, 'sink_full', /Free some space/);
});

test('a browser that keeps no site data, as in a private window, unlocks and restores all the same, and remembers nothing', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const server = await world.server();
  const screens = await world.screens(server.url, 'here', { content: { cookies: 2 } });
  const key = await screens.create('private', PASSPHRASE);
  await screens.backUp([source]);
  await screens.openSnapshot();
  // No service worker streams here, and no files of its own can be kept: it comes from memory.
  const zip = await screens.restoreDownload(world.folder);
  expect(missingInZip(below('tree', await treeOf(source)), zip)).toEqual([]);
  await screens.finish();
  await screens.restoreFolder(world.makeFolder('target'));
  await screens.id('lock').click();
  await screens.onScreen('unlock');
  await expect(screens.id('unlock-name')).toHaveValue('');
  await screens.unlock(key);
});

test('a clock that is wrong is said with by how much', async ({ world }) => {
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  proxy.alter = (headers) => { headers['date'] = new Date(Date.parse(headers['date'] ?? '') - 7 * 3_600_000).toUTCString(); };
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('early', PASSPHRASE);
  await expect(screens.id('clock-wrong')).toHaveText(/clock is 7 h\s+ahead of the server’s.*Set the clock/s);
});

test('a server that does not wall the keys off is called out on every screen of the vault', async ({ world }) => {
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  // The page's own policy stays: it lets no worker into a frame that would have walls.
  proxy.alter = (headers) => { if (!headers['content-security-policy']?.includes('worker-src')) delete headers['content-security-policy']; };
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('unwalled', PASSPHRASE);
  await expect(screens.id('isolation')).toHaveAttribute('data-isolation', 'unenforced');
  await expect(screens.page.getByText('Ask whoever runs this page to send its security headers.').first()).toBeVisible();
  const { violations } = screens.profile;
  expect(violations.filter((line) => !line.startsWith('worker-src stopped blob'))).toEqual([]);
  violations.length = 0;
});

test('a folder that is renamed away after the plan leaves everything out and says so for each file', async ({ world }) => {
  const { screens, source } = await ready(world, 'renamed');
  await screens.plan([source]);
  renameSync(source, `${source} elsewhere`);
  await screens.id('backup-now').click();
  await screens.phase('done', LONG);
  const codes = new Set((await screens.left()).values());
  expect([...codes]).toEqual(['source_gone']);
});
