import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Page } from '@playwright/test';

import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { answerPicker } from './support/profile.ts';
import { copyPage, nextRelease, releaseOf, sha256 } from './support/release.ts';
import { Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

/** What the page's service worker keeps: addresses. */
function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const caches_ = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return caches_.flat().map(({ url }) => url);
  });
}

test('the page can be installed, opens without its server, says so, and keeps nothing but its own files', async ({ world }) => {
  const www = world.makeFolder('www');
  copyPage(www);
  const release = releaseOf(www);
  for (const [name, hash] of Object.entries(release.files)) expect(sha256(readFileSync(path.join(www, name))), name).toBe(hash);
  expect(readdirSync(www, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())).toHaveLength(Object.keys(release.files).length + 1);

  const server = await world.server({ www });
  const here = await world.screens(server.url, 'here');
  const key = await here.create('installed', 'correct horse battery staple');
  const file = world.path('letter.txt');
  plantFile(file, 10_000);
  await here.backUp([file]);
  await expect.poll(() => kept(here.page)).toHaveLength(Object.keys(release.files).length);
  const own = [...Object.keys(release.files).filter((name) => name !== 'sw.js'), 'release.json'].map((name) => `${server.url}/${name}`);
  expect((await kept(here.page)).sort()).toEqual(own.sort());
  expect((await here.profile.cdp.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  expect((await here.profile.cdp.send('Page.getAppManifest')).errors).toEqual([]);

  await here.id('settings').click();
  await expect(here.id('release-hash')).toHaveAttribute('data-value', release.hash);
  await here.id('release-check').click();
  await expect(here.id('release-checked')).toHaveAttribute('data-value', '0');
  expect(await findings(here.page)).toEqual([]);
  await here.id('settings-close').click();

  const copy = world.makeFolder('copy');
  new Objects(world.data).copyTo(copy);
  await world.stopServers();
  await here.open();
  await expect(here.id('unreachable')).toBeVisible();
  expect(await findings(here.page)).toEqual([]);
  await here.id('go-unlock').click();
  await expect(here.id('unreachable')).toBeVisible();
  await test.step('without any network, from a copy of the objects', async () => {
    await here.id('unlock-name').fill('');
    await here.id('place-at-folder').check();
    await answerPicker(here.profile, copy);
    await here.id('place-choose').click();
    await expect(here.id('place-folder')).toHaveText('copy');
    await here.id('unlock-with-phrase').check();
    await here.id('unlock-phrase').fill(key.phrase);
    expect(await findings(here.page)).toEqual([]);
    await here.id('unlock-submit').click();
    await here.onScreen('vault', 60_000);
    // Scripts that come from the service worker bring their policies along.
    await expect(here.id('isolation')).toHaveAttribute('data-isolation', 'enforced');
    await here.openSnapshot();
    const restored = await here.restoreDownload(world.makeFolder('restored'), 'entry-restore');
    expect(readFileSync(restored)).toEqual(readFileSync(file));
    await here.id('lock').click();
    await here.onScreen('unlock');
  });
  const again = await world.server({ www, port: server.port });
  expect(again.url).toBe(server.url);
  await here.id('unreachable-again').click();
  await expect(here.id('unreachable')).toBeHidden();
  await here.unlock(key);
  await expect(here.id('snapshot-open')).toHaveCount(1);
});

test('a new release of the page is offered, taken when nothing is at work in any tab, and no tab is reloaded that did not ask', async ({ world }) => {
  const www = world.makeFolder('www');
  copyPage(www);
  const before = releaseOf(www);
  const server = await world.server({ www });
  const first = await world.screens(server.url, 'here');
  await first.create('updated', 'correct horse battery staple');
  const file = world.path('letter.txt');
  plantFile(file, 10_000);
  await first.plan([file]); // waits for a word: that is work
  await expect.poll(() => kept(first.page)).toHaveLength(Object.keys(before.files).length);

  const after = nextRelease(www);
  expect(after.hash).not.toBe(before.hash);
  const page = await first.profile.context.newPage();
  const second = new Screens({ ...first.profile, page }, server.url);
  await second.open();
  await expect(second.id('release-waits')).toHaveAttribute('data-state', 'waiting', { timeout: 60_000 });
  await expect(first.id('release-waits')).toBeVisible();
  await expect(first.id('release-take')).toHaveCount(0);
  await second.id('release-take').click();
  await expect(second.id('release-waits')).toHaveAttribute('data-state', 'busy');

  await first.id('backup-now').click();
  await first.finish();
  await expect(first.id('release-take')).toBeVisible();
  const loaded = page.waitForEvent('load');
  await second.id('release-take').click();
  await loaded;
  await second.onScreen('welcome');
  await expect(second.id('release-waits')).toHaveCount(0);
  await second.id('settings').click();
  await expect(second.id('release-hash')).toHaveAttribute('data-value', after.hash);
  await second.id('release-check').click();
  await expect(second.id('release-checked')).toHaveAttribute('data-value', '0');

  await expect(first.id('release-waits')).toHaveAttribute('data-state', 'left');
  await first.onScreen('vault');
  await first.id('release-take').click();
  await first.onScreen('welcome');
  await expect(first.id('release-waits')).toHaveCount(0);
});

test('a page whose server gives another file than the release names says which, and keeps nothing of it', async ({ world }) => {
  const www = world.makeFolder('www');
  copyPage(www);
  const [changed] = Object.keys(releaseOf(www).files).filter((name) => /^assets\/qr-/.test(name));
  appendFileSync(path.join(www, changed!), '\n');
  const server = await world.server({ www });
  const here = await world.screens(server.url, 'here');
  await here.open();
  await here.id('settings').click();
  await here.id('release-check').click();
  await expect(here.id('release-checked')).toHaveAttribute('data-value', '1');
  await expect(here.id('release-checked')).toContainText(changed!);
  expect(await kept(here.page)).not.toContain(`${server.url}/${changed}`);
});

test('what a page\u2019s policy stops is noticed by these tests: in the page, in its courier, in its service worker', async ({ world }) => {
  const server = await world.server();
  const { profile, page } = await world.screens(server.url, 'here').then(async (screens) => {
    await screens.create('noticed', 'correct horse battery staple');
    return screens;
  });
  await page.evaluate(() => { document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:1/picture' })); });
  await expect.poll(() => profile.violations.join()).toContain('img-src');
  const courier = page.workers().find((worker) => /courier[^/]*\.js/.test(worker.url()));
  await courier!.evaluate(() => fetch('http://example.test/').catch(() => undefined));
  await expect.poll(() => profile.violations.join()).toContain('http://example.test/');
  const [service] = profile.context.serviceWorkers();
  await service!.evaluate(() => fetch('http://service.test/').catch(() => undefined));
  await expect.poll(() => profile.violations.join()).toContain('http://service.test/');
  profile.violations.length = 0;
});
