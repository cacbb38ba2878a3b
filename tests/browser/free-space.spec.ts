import { copyFileSync } from 'node:fs';
import path from 'node:path';

import type * as Package from '../../crate/wasm/dist/index.js';
import { embedder } from './support/embedder.ts';
import { TOP } from './support/programs.ts';
import { expect, test } from './support/world.ts';

const PASSPHRASE = 'correct horse battery staple';
const LARGE = 3_000_000;

/** Of the example, as a page imports it. */
type Example = { freeSpace(vault: Package.Vault, rules: Package.KeepRules, options: { agree(going: Package.Snapshot[], bytes: number): boolean }): Promise<Package.PruneReport | undefined> };

for (const kind of ['bucket', 'folder', 'memory'] as const) {
  test(`without a server, in a ${kind}: the example of an app forgets and prunes, calls off, and erases by itself after its own delay`, async ({ world }) => {
    const profile = await embedder(world);
    copyFileSync(path.join(TOP, 'tests/examples/free-space.mjs'), world.path('www', 'free-space.js'));
    const bucket = kind === 'bucket' ? await world.bucket('garage') : undefined;
    await bucket?.setCors(JSON.stringify({
      CORSRules: [{
        AllowedOrigins: [new URL(profile.page.url()).origin], AllowedMethods: ['GET', 'PUT', 'HEAD', 'DELETE'],
        AllowedHeaders: ['content-type', 'if-none-match', 'range', 'x-amz-checksum-sha256', 'x-amz-content-sha256'], ExposeHeaders: ['ETag', 'Date'], MaxAgeSeconds: 3600,
      }],
    }));
    const address = bucket && { endpoint: bucket.endpoint, region: bucket.region, bucket: bucket.bucket, accessKeyId: bucket.keyId, secretAccessKey: bucket.secret };
    const found = await profile.page.evaluate(async ({ where, own, passphrase, large }) => {
      const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
      const { freeSpace } = (await import('/free-space.js' as string)) as Example;
      const storage: Package.StorageSpec = own ? { kind: 's3', ...own } : where === 'memory' ? { kind: 'memory', id: 'space' } : { kind: 'directory', handle: await navigator.storage.getDirectory() };
      const strongroom = await Strongroom.start({ eraseDelay: 0, lanes: 1 });
      const { vault } = await strongroom.createVault(storage, { name: 'space', passphrase });
      const noise = (length: number) => {
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
        return bytes;
      };
      const [letter, huge] = [noise(40_000), noise(large)];
      const entry = (name: string, bytes: Uint8Array<ArrayBuffer>) => ({ path: name, mtime: 1, blob: new Blob([bytes]) });
      const first = await vault.backup([entry('letter', letter), entry('large', huge)]).done;
      const second = await vault.backup([entry('letter', letter)]).done;
      const ids = async () => (await vault.snapshots()).map(({ id }) => id);

      const declined = await freeSpace(vault, { last: 1 }, { agree: () => false });
      const shown: { going: string[]; bytes: number }[] = [];
      const agree = (going: Package.Snapshot[], bytes: number) => { shown.push({ going: going.map(({ id }) => id), bytes }); return true; };
      const doomed = await freeSpace(vault, { last: 1 }, { agree });
      const [pending] = await vault.erasures();
      const forgotten = await ids();
      await vault.cancelErasure(pending!.id);
      const back = await ids();
      const early = await vault.erasures();

      await freeSpace(vault, { last: 1 }, { agree });
      const stored = (await vault.usage()).stored;
      const erased = await vault.prune().done;
      const after = await (await strongroom.unlock(storage, { name: vault.id, secret: { passphrase } })).usage();
      const verified = await vault.verify({ data: true }).done;
      const { bytes } = await vault.read(second.snapshot, 'letter');
      const wrong = await vault.forget({}).catch(({ code }: Package.StrongroomError) => code);
      return {
        names: [first.snapshot, second.snapshot], declined, shown, doomed, pending, forgotten, back, early, stored, erased, after: after.stored,
        damaged: verified.damaged, same: bytes.length === letter.length && bytes.every((byte, at) => byte === letter[at]), wrong,
      };
    }, { where: kind, own: address, passphrase: PASSPHRASE, large: LARGE });
    const [older, newer] = found.names;
    expect(found.declined).toBeUndefined();
    expect(found.shown.map(({ going }) => going)).toEqual([[older], [older]]);
    expect(found.shown[0]!.bytes).toBeGreaterThan(LARGE);
    expect(found.doomed).toMatchObject({ erased: { objects: 0 }, plan: { snapshots: 1 }, erasure: found.pending!.id });
    expect(found.pending).toMatchObject({ snapshots: 1, due: found.pending!.made });
    expect(found.forgotten).toEqual([newer]);
    expect(found.back).toEqual([newer, older]);
    expect(found.early).toEqual([]);
    expect(found.erased.erased.bytes).toBeGreaterThan(LARGE);
    expect(found.after).toBeLessThan(found.stored - LARGE);
    expect(found.damaged).toEqual([]);
    expect(found.same).toBe(true);
    expect(found.wrong).toBe('bad_request');
    if (bucket) expect((await bucket.keys()).filter((object) => object.includes('/pack/')).length).toBeGreaterThan(0);
    expect(profile.complaints.filter((text) => !text.includes('404')), 'but for the icon that it has not').toEqual([]);
  });
}
