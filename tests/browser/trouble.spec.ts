import { plant, SMALL, plantFile } from './support/corpus.ts';
import type { Proxy } from './support/proxy.ts';
import { random } from './support/random.ts';
import { LONG, type Screens } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import type { World } from './support/world.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const MB = 1_000_000;

test('a wrong passphrase and a wrong name are refused with the same sentence, and the right one still opens', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const key = await screens.create('locked', 'correct horse battery staple');
  await screens.enterPassphrase({ name: key.name, passphrase: 'correct horse battery stable' });
  const wrongPassphrase = await screens.problem();
  expect(wrongPassphrase).toMatch(/^wrong_secret: \S.{20,}/);
  await screens.enterPassphrase({ name: 'nobody-has-this', passphrase: key.passphrase });
  expect(await screens.problem()).toBe(wrongPassphrase);
  await screens.unlock(key);
});

test('a full storage is said in a sentence, loses nothing, and the run goes on once there is room', async ({ world }) => {
  const source = world.path('tree');
  plantFile(`${source}/large.bin`, 90 * MB);
  const full = await world.server({ storageLimit: 50 * MB });
  const screens = await world.screens(full.url, 'here');
  await screens.create('full', 'correct horse battery staple');
  await screens.plan([source]);
  await screens.id('backup-now').click();
  await expect(screens.id('progress-waiting')).toHaveText(/\S.{20,}/, { timeout: LONG });
  await expect(screens.id('progress-waiting')).toContainText(/full|room|space/i);
  await full.stop();
  await world.server({ port: full.port });
  const report = await screens.finish();
  expect(report).toMatchObject({ files: 1, bytes: 90 * MB });
  await isWhole(world, screens, source);
});

test('a quota that is too small is said with the plan and in mid-run, with how much is used and needed, and the run goes on once it is raised', async ({ world }) => {
  const source = world.path('tree');
  plantFile(`${source}/large.bin`, 70 * MB);
  const server = await world.server({ vaultQuota: 40 * MB });
  const screens = await world.screens(server.url, 'here');
  await screens.create('small', 'correct horse battery staple');
  await screens.plan([source]);
  await expect(screens.id('plan-room')).toHaveText(/may not fit.*of the 40 MB.*Leave something out/s);
  expect(Number(await screens.id('plan-room').getAttribute('data-value'))).toBeGreaterThan(29 * MB);
  await screens.id('backup-now').click();
  await expect(screens.id('progress-room')).toHaveText(/of 40 MB are used.*to store.*Ask whoever runs the server/s, { timeout: LONG });
  // What is stored already is not needed once more, and the bar says that it is.
  await expect.poll(async () => Number(await screens.id('progress-stored').getAttribute('data-value')), { timeout: LONG }).toBeGreaterThan(16 * MB);
  const way = Number(await screens.id('progress-bar').getAttribute('value'));
  expect(way).toBeGreaterThan(0.15);
  expect(way).toBeLessThan(0.8);
  await server.stop();
  await world.server({ port: server.port, vaultQuota: 200 * MB });
  expect(await screens.finish()).toMatchObject({ files: 1, bytes: 70 * MB });
});

test('a server that goes away in mid-backup is waited for, and the run goes on when it is back', async ({ world }) => {
  const { proxy, screens, source } = await readyToBackUp(world);
  const started = pack(proxy, 1);
  await screens.id('backup-now').click();
  await started;
  await proxy.away();
  await expect(screens.id('progress-waiting')).toHaveText(/\S.{20,}/, { timeout: LONG });
  await proxy.back();
  await screens.finish();
  await isWhole(world, screens, source);
});

test('a storage that answers 500 and 503, cuts connections and loses answers delays a backup and a restore, nothing else', async ({ world }) => {
  const { proxy, screens, source } = await readyToBackUp(world);
  const draw = random('storm');
  let struck = 0;
  proxy.fate = ({ url }) => {
    if (!url.startsWith('/storage/') && !url.startsWith('/api/v1/sign')) return 'pass';
    if (draw.below(100) >= 30) return 'pass';
    struck++;
    return draw.pick(['cut', 'lose-answer', { status: 500, body: '{"code":"unavailable","message":"storm"}' }, { status: 503 }, { status: 503, body: '<html>' }] as const);
  };
  await screens.id('backup-now').click();
  const report = await screens.finish();
  expect(report['left'] ?? 0).toBe(0);
  await isWhole(world, screens, source);
  expect(struck).toBeGreaterThan(3);
});

test('a storage that says it has a pack already is not believed before the pack was read back', async ({ world }) => {
  const { proxy, screens, source } = await readyToBackUp(world);
  const denied = new Set<string>();
  proxy.fate = ({ method, url }) => {
    const { pathname } = new URL(url, proxy.url);
    if (method !== 'PUT' || !pathname.includes('/pack/') || denied.has(pathname)) return 'pass';
    denied.add(pathname);
    return { status: 412 };
  };
  await screens.id('backup-now').click();
  await screens.finish();
  expect(denied.size).toBeGreaterThan(1);
  const read = new Set(proxy.record.filter(({ method }) => method === 'GET').map(({ url }) => new URL(url, proxy.url).pathname));
  expect([...denied].filter((pathname) => !read.has(pathname))).toEqual([]);
  await isWhole(world, screens, source);
});

/** A page behind a proxy whose plan of a small tree waits for the button. */
async function readyToBackUp(world: World): Promise<{ proxy: Proxy; screens: Screens; source: string }> {
  const source = world.path('tree');
  plant(source, { ...SMALL, media: 30, big: 30 * MB });
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  await screens.create('stormy', 'correct horse battery staple');
  await screens.plan([source]);
  return { proxy, screens, source };
}

/** When the body of the pack of this number begins to arrive. */
function pack(proxy: Proxy, number: number): Promise<void> {
  return new Promise((reached) => {
    let seen = 0;
    proxy.fate = ({ method, url }) => {
      if (method === 'PUT' && url.includes('/pack/') && seen++ === number) reached();
      return 'pass';
    };
  });
}

async function isWhole(world: World, screens: Screens, source: string): Promise<void> {
  const verified = await screens.verify('data');
  expect(verified['left'] ?? 0).toBe(0);
  await screens.openSnapshot();
  const zip = await screens.restoreDownload(world.makeFolder('downloads'));
  expect(missingInZip(below('tree', await treeOf(source)), zip)).toEqual([]);
}
