import { existsSync, readdirSync } from 'node:fs';

import { plant, SMALL } from './support/corpus.ts';
import { startBucket, type Bucket, type Make } from './support/buckets.ts';
import { LONG, type Key, type Screens } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import { findings } from './support/axe.ts';
import { expect, test, type World } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const PASSPHRASE = 'correct horse battery staple';
const NEXT = 'nine herons sleep beside Turku';

/** The rules for pages as the provider's own tools take them. */
const cors = (origin: string): string => JSON.stringify({
  CORSRules: [{
    AllowedOrigins: [origin], AllowedMethods: ['GET', 'PUT', 'HEAD'], AllowedHeaders: ['content-type', 'if-none-match', 'range', 'x-amz-checksum-sha256', 'x-amz-content-sha256'],
    ExposeHeaders: ['ETag', 'Date'], MaxAgeSeconds: 3600,
  }],
});

async function chooseBucket(screens: Screens, { endpoint, region, bucket, keyId, secret }: Bucket): Promise<void> {
  await screens.id('place-at-bucket').check();
  const typed = { endpoint, region, bucket, prefix: 'my/vaults', accessKeyId: keyId, secretAccessKey: secret };
  for (const [name, text] of Object.entries(typed)) await screens.id(`place-${name}`).fill(text);
}

async function check(screens: Screens): Promise<string | null> {
  await screens.id('bucket-check').click();
  const report = screens.id('bucket-report').or(screens.id('problem'));
  await expect(report).toBeVisible({ timeout: LONG });
  await expect(screens.id('bucket-check')).toBeEnabled({ timeout: LONG });
  return screens.id('bucket-report').getAttribute('data-level');
}

/** Backs up a tree, and says where it lies. */
async function backUp(world: World, screens: Screens): Promise<string> {
  const source = world.path('tree');
  plant(source, SMALL);
  await screens.backUp([source]);
  return source;
}

/** Downloads the newest snapshot and says what of the tree is not in it, bit for bit. */
async function missing(world: World, screens: Screens, source: string): Promise<string[]> {
  await screens.openSnapshot();
  const zip = await screens.restoreDownload(world.makeFolder('downloads'));
  await screens.phase('done', LONG);
  return missingInZip(below('tree', await treeOf(source)), zip);
}

for (const make of ['garage', 'ceph'] satisfies Make[]) {
  test(`a tree goes to ${make} by presigned URLs of the server, and comes back in another browser bit for bit`, async ({ world }) => {
    const bucket = await world.bucket(make);
    const server = await world.server({ bucket });
    await bucket.setCors(cors(server.url));
    const here = await world.screens(server.url, 'here');
    const key = await here.create('sent', PASSPHRASE);
    await expect(here.id('storage-level')).toHaveAttribute('data-level', make === 'ceph' ? 'immutable' : 'append-only');
    const source = await backUp(world, here);
    await here.profile.close();
    expect((await bucket.keys()).filter((object) => object.includes('/pack/')).length).toBeGreaterThan(0);
    const there = await world.screens(server.url, 'there');
    await there.unlock(key);
    expect(await missing(world, there, source)).toEqual([]);
    await there.id('activity-close').click();
    await there.id('snapshot-back').click();
    expect(await there.verify('data', async () => expect([...await there.left()]).toEqual([]))).toMatchObject({ snapshots: 1, indexes: 1 });
  });

  test(`a vault lives in a person's own bucket of ${make} with no broker: checked, let in by the rules that the page prints, remembered sealed, restored elsewhere`, async ({ world }) => {
    const bucket = await world.bucket(make);
    const server = await world.server();
    const here = await world.screens(server.url, 'here');
    let printed = '';
    const key = await here.create('own', PASSPHRASE, undefined, async () => {
      await chooseBucket(here, bucket);
      expect(await check(here), 'no rules let this page in yet').toBe('none');
      await expect(here.id('bucket-failure')).toContainText('CORS');
      await here.id('bucket-provider').selectOption('garage');
      await expect(here.id('bucket-cors')).toContainText(server.url, { timeout: LONG });
      printed = await here.id('bucket-cors').innerText();
      await bucket.setCors(printed);
      expect(await check(here), 'keys that write can do everything').toBe('tamper-evident');
      expect(await findings(here.page)).toEqual([]);
      await here.id('place-remember').check();
    });
    expect((await bucket.keys()).filter((object) => object.includes('/probe/')), 'the check clears away what it made').toEqual([]);
    await expect(here.id('storage-level')).toHaveAttribute('data-level', 'tamper-evident');
    const source = await backUp(world, here);
    const kept = await here.page.evaluate(() => JSON.stringify({ ...localStorage }));
    expect(kept).toContain('strongroom.bucket');
    for (const secret of [bucket.secret, bucket.keyId, PASSPHRASE]) expect(kept).not.toContain(secret);

    // Another computer, where everything is typed again; the bucket itself says which vault it holds.
    const there = await world.screens(server.url, 'there');
    await unlockIn(there, key, () => chooseBucket(there, bucket));
    expect(await missing(world, there, source)).toEqual([]);

    // The same browser, which has the keys sealed.
    await unlockIn(here, key, () => expect(here.id('place-at-remembered')).toBeChecked());
    expect(await missing(world, here, source)).toEqual([]);

    // Another passphrase: the keys that are remembered here open with it, and with the old one nothing does.
    await here.id('activity-close').click();
    await here.id('snapshot-back').click();
    await here.id('settings').click();
    await here.id('settings-access').click();
    await here.id('change-open').click();
    await here.id('change-passphrase').fill(PASSPHRASE);
    await here.id('create-way-own').check();
    await here.id('create-passphrase').fill(NEXT);
    await here.id('create-passphrase-again').fill(NEXT);
    await here.id('change-submit').click();
    await expect(here.id('change-done')).toBeVisible({ timeout: 60_000 });
    await expect(here.id('sessions')).toHaveCount(0);
    const changed = { ...key, passphrase: NEXT };
    await unlockIn(here, changed, () => expect(here.id('place-at-remembered')).toBeChecked());
    await unlockIn(there, changed, () => chooseBucket(there, bucket));
    await enter(there, key, () => chooseBucket(there, bucket));
    await expect(there.id('problem')).toHaveAttribute('data-code', 'wrong_secret', { timeout: 60_000 });

    // The server that the page came from has seen nothing of it.
    const objects = await bucket.keys();
    expect(objects.every((object) => object.startsWith('my/vaults/'))).toBe(true);
    const stored = world.path('data', 'objects');
    expect(existsSync(stored) ? readdirSync(stored) : []).toEqual([]);
  });
}

async function unlockIn(screens: Screens, key: Key, place: () => Promise<void>): Promise<void> {
  await enter(screens, key, place);
  await screens.onScreen('vault', 60_000);
}

async function enter(screens: Screens, key: Key, place: () => Promise<void>): Promise<void> {
  await screens.open();
  await screens.id('go-unlock').click();
  await place();
  await screens.id('unlock-name').fill('');
  await screens.id('unlock-passphrase').fill(key.passphrase);
  await screens.id('unlock-submit').click();
}
