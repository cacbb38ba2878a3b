import { readFileSync } from 'node:fs';

import type * as Package from '../../crate/wasm/dist/index.js';
import { findings } from './support/axe.ts';
import { plantFile } from './support/corpus.ts';
import { embedder } from './support/embedder.ts';
import { Authenticator } from './support/passkeys.ts';
import { foundIn, leaks, readRecord, spelled } from './support/record.ts';
import type { Screens } from './support/screens.ts';
import { expect, test } from './support/world.ts';

const PASSPHRASE = 'seven lanterns drift over Oslo';
const LABEL = 'the blue key nobody sends';
const SLOW = { timeout: 60_000 };

/** Passkeys belong to a name. */
function named(url: string): string {
  return url.replace('127.0.0.1', 'localhost');
}

async function openAccess(screens: Screens): Promise<void> {
  await screens.id('settings').click();
  await screens.id('settings-access').click();
  await screens.onScreen('access');
}

async function addPasskey(screens: Screens, name: string, passphrase = PASSPHRASE): Promise<void> {
  await screens.id('passkey-add').click();
  await screens.id('passkey-name').fill(name);
  await screens.id('passkey-passphrase').fill(passphrase);
  await screens.id('passkey-submit').click();
}

async function unlockByPasskey(screens: Screens, name: string): Promise<void> {
  await screens.open();
  await screens.id('go-unlock').click();
  await screens.id('unlock-name').fill(name);
  await screens.id('unlock-with-passkey').check();
  await screens.id('unlock-submit').click();
}

test('a passkey that is added on the page opens the vault on a fresh page until it is removed, and what it gives is in no request', async ({ world }) => {
  const source = world.path('tree');
  plantFile(`${source}/letter.txt`, 40_000);
  const record = world.path('record');
  const server = await world.server({ record });
  const screens = await world.screens(named(server.url), 'here');
  const key = await screens.create('keyed', PASSPHRASE);
  const authenticator = await Authenticator.plug(screens.profile);

  await openAccess(screens);
  await expect(screens.id('passkeys-none')).toBeVisible();
  await addPasskey(screens, LABEL, 'not the passphrase');
  await expect(screens.id('problem')).toHaveAttribute('data-code', 'wrong_secret', SLOW);
  expect(await authenticator.count(), 'none is made before the secret is known to be right').toBe(0);
  expect(await findings(screens.page)).toEqual([]);
  await screens.id('passkey-passphrase').fill(PASSPHRASE);
  await screens.id('passkey-submit').click();
  const passkey = screens.id('passkey');
  await expect(passkey).toHaveAttribute('data-name', LABEL, SLOW);
  await expect(passkey).toHaveAttribute('data-present', 'true');
  expect(await findings(screens.page)).toEqual([]);

  await unlockByPasskey(screens, key.name);
  await screens.onScreen('vault', 60_000);
  await screens.backUp([source], 'all of it');
  await screens.openSnapshot();
  const restored = world.makeFolder('restored');
  await screens.restoreFolder(restored);
  expect(readFileSync(`${restored}/tree/letter.txt`).equals(readFileSync(`${source}/letter.txt`))).toBe(true);
  await screens.id('activity-close').click();
  await screens.id('snapshot-back').click();

  await openAccess(screens);
  await screens.id('passkey-rename').click();
  await screens.id('passkey-new-name').fill('the red key');
  await screens.id('passkey-save').click();
  await expect(passkey).toHaveAttribute('data-name', 'the red key', SLOW);
  await screens.id('passkey-remove').click();
  await expect(screens.id('passkey-meaning')).toContainText('unlocks this vault no more');
  expect(await findings(screens.page)).toEqual([]);
  // It is a secret like the others, for the last time.
  await screens.id('passkey-removal-with-passkey').click();
  await expect(screens.id('passkey-removal-passkey')).toBeVisible();
  expect(await findings(screens.page)).toEqual([]);
  await screens.id('passkey-remove-now').click();
  await expect(screens.id('passkeys-none')).toBeVisible(SLOW);

  await unlockByPasskey(screens, key.name);
  await expect(screens.id('problem')).toHaveAttribute('data-code', 'wrong_secret', SLOW);
  await expect(screens.id('problem-message')).toHaveText('This passkey does not open the vault.');
  expect(await findings(screens.page)).toEqual([]);
  await screens.unlock(key);
  await screens.profile.close();
  await server.stop();

  expect(new Set(authenticator.given.map((bytes) => bytes.toString('hex'))).size, 'one passkey, which always gives the same').toBe(1);
  const needles = [...spelled('what the passkey gives', authenticator.given[0]!), ...spelled('its name', Buffer.from(LABEL)), ...spelled('its new name', Buffer.from('the red key'))];
  expect(foundIn(Buffer.concat([Buffer.from('xx'), authenticator.given[0]!]), needles)).toEqual(['what the passkey gives']);
  const requests = readRecord(record);
  expect(requests.some(({ path: where }) => where === '/api/v1/slot/remove')).toBe(true);
  expect(leaks(requests, needles)).toEqual([]);
});

test('what keeps passkeys without prf, a person who declines, and an address that is a number each get a sentence, and the vault stays as it was', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(named(server.url), 'here');
  const key = await screens.create('declined', PASSPHRASE);
  const simple = await Authenticator.plug(screens.profile, { prf: false });
  await openAccess(screens);
  await addPasskey(screens, 'an old key');
  await expect(screens.id('problem')).toHaveAttribute('data-code', 'no_prf', SLOW);
  await expect(screens.id('passkey-form')).toHaveAttribute('data-step', 'confirmed');
  await expect(screens.id('passkeys-none')).toBeVisible();
  expect(await findings(screens.page)).toEqual([]);
  await simple.unplug();

  // The secret is not asked for again.
  const strange = await Authenticator.plug(screens.profile);
  await strange.verifies(false);
  await screens.id('passkey-submit').click();
  await expect(screens.id('problem')).toHaveAttribute('data-code', 'cancelled', SLOW);
  await strange.unplug();
  const better = await Authenticator.plug(screens.profile);
  await screens.id('passkey-submit').click();
  await expect(screens.id('passkey')).toHaveAttribute('data-name', 'an old key', SLOW);

  // One of another vault does not open this one.
  const other = await screens.create('another', PASSPHRASE);
  await unlockByPasskey(screens, other.name);
  await expect(screens.id('problem')).toHaveAttribute('data-code', 'wrong_secret', SLOW);
  await better.verifies(false);
  await screens.id('unlock-submit').click();
  await expect(screens.id('problem')).toHaveAttribute('data-code', 'cancelled', SLOW);
  await expect(screens.id('problem-message')).toHaveText('No passkey was used.');

  const numbered = await world.screens(server.url, 'numbered');
  await numbered.unlock(key);
  await openAccess(numbered);
  await expect(numbered.id('passkeys-obstacle')).toContainText(/belong to a name.*http:\/\/localhost/);
  await expect(numbered.id('passkey-add')).toHaveCount(0);
  await expect(numbered.id('passkey')).toHaveAttribute('data-name', 'an old key', SLOW);
  expect(await findings(numbered.page)).toEqual([]);
  await unlockByPasskey(numbered, key.name);
  await expect(numbered.id('unlock-advice')).toContainText('belong to a name');
});

test('in a folder, with no server at all, a passkey opens the vault from its objects alone, and not once it is removed', async ({ world }) => {
  const profile = await embedder(world);
  await profile.page.goto(named(profile.page.url()));
  await Authenticator.plug(profile);
  const found = await profile.page.evaluate(async (passphrase) => {
    const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
    const strongroom = await Strongroom.start();
    const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('vault', { create: true });
    const storage = { kind: 'directory', handle } as const;
    const { vault } = await strongroom.createVault(storage, { name: 'in-a-folder', passphrase });
    await vault.backup([{ path: 'letter.txt', blob: new Blob(['dear reader']) }]).done;
    await vault.addPasskey({ name: 'laptop' });
    const { id } = vault;
    vault.lock();

    const opened = await strongroom.unlock(storage, { secret: { passkey: true } });
    const [snapshot] = await opened.snapshots();
    const { bytes } = await opened.read(snapshot!.id, 'letter.txt');
    const listed = await opened.passkeys();
    await opened.removePasskey(listed[0]!.id);
    const left = await opened.passkeys();
    opened.lock();
    const slots: string[] = [];
    const folder = await (await handle.getDirectoryHandle(id)).getDirectoryHandle('slot');
    for await (const name of folder.keys()) slots.push(name);
    const refusal = await strongroom.unlock(storage, { secret: { passkey: true } }).catch((error: Package.StrongroomError) => ({ code: error.code, message: error.message }));
    const again = await strongroom.unlock(storage, { secret: { passphrase } });
    strongroom.close();
    return { same: opened.id === id && again.id === id, text: new TextDecoder().decode(bytes), names: listed.map(({ name }) => name), left: left.length, slots: slots.length, refusal };
  }, PASSPHRASE);
  expect(found).toMatchObject({ same: true, text: 'dear reader', names: ['laptop'], left: 0, slots: 2, refusal: { code: 'wrong_secret' } });
  expect((found.refusal as { message: string }).message).toContain('This passkey does not open the vault');
});

test('a bucket that a device remembers opens with a passkey, its keys are not typed again, and the other slots are remembered on', async ({ world }) => {
  const bucket = await world.bucket('garage');
  const profile = await embedder(world);
  await profile.page.goto(named(profile.page.url()));
  await bucket.setCors(JSON.stringify({
    CORSRules: [{
      AllowedOrigins: [new URL(profile.page.url()).origin], AllowedMethods: ['GET', 'PUT', 'HEAD', 'DELETE'],
      AllowedHeaders: ['content-type', 'if-none-match', 'range', 'x-amz-checksum-sha256', 'x-amz-content-sha256'], ExposeHeaders: ['ETag', 'Date'], MaxAgeSeconds: 3600,
    }],
  }));
  await Authenticator.plug(profile);
  const { endpoint, region, keyId: accessKeyId, secret: secretAccessKey } = bucket;
  const found = await profile.page.evaluate(async ({ passphrase, place }) => {
    const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
    const strongroom = await Strongroom.start();
    const remembered = (text: string) => ({ kind: 'remembered', text }) as const;
    const codeOf = (error: Package.StrongroomError): string => error.code;
    const { vault } = await strongroom.createVault({ kind: 's3', bucket: 'bucket', ...place }, { name: 'own', passphrase });
    await vault.addPasskey({ name: 'laptop' });
    const before = await vault.rememberStorage();
    vault.lock();

    const opened = await strongroom.unlock(remembered(before), { secret: { passkey: true } });
    const names = (await opened.passkeys()).map(({ name }) => name);
    const anew = await opened.rememberStorage();
    opened.lock();
    const again = await strongroom.unlock(remembered(anew), { secret: { passphrase } });
    const [passkey] = await again.passkeys();
    await again.removePasskey(passkey!.id);
    const after = await again.rememberStorage();
    again.lock();
    const refusals: string[] = [];
    for (const text of [before, after]) refusals.push(await strongroom.unlock(remembered(text), { secret: { passkey: true } }).then(() => 'opened', codeOf));
    const last = await strongroom.unlock(remembered(after), { secret: { passphrase } });
    strongroom.close();
    return { same: last.id === vault.id, names, refusals };
  }, { passphrase: PASSPHRASE, place: { endpoint, region, accessKeyId, secretAccessKey } });
  expect(found).toEqual({ same: true, names: ['laptop'], refusals: ['wrong_secret', 'wrong_secret'] });
  expect((await bucket.keys()).filter((key) => key.includes('/slot/'))).toHaveLength(2);
});
