import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Bucket } from './support/buckets.ts';
import { plantFile } from './support/corpus.ts';
import { Objects } from './support/objects.ts';
import { strongroom } from './support/shell.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test, type World } from './support/world.ts';

const LARGE = 3_000_000;
const DAY = 86_400_000;

interface Listed { erasures: { tombstone: string; due: number; snapshots: number }[] }
interface Pruned { plan: { bytesFreed: number; snapshots: number }; tombstone: string | null; erased: { bytes: number } }

/** One vault of the command line: every command has to go well, and answers JSON. */
class Shell {
  readonly secret: string[];
  readonly source: string;

  constructor(readonly world: World, readonly bucket: Bucket | undefined, readonly place: string[]) {
    writeFileSync(world.path('passphrase'), 'correct horse battery staple');
    this.secret = ['--passphrase-file', world.path('passphrase')];
    this.source = world.makeFolder('tree');
  }

  async run<T>(command: string, ...words: string[]): Promise<T> {
    const ended = await strongroom(this.world, this.bucket, '--json', command, ...this.place, ...this.secret, ...words);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    return JSON.parse(ended.stdout) as T;
  }

  async snapshots(): Promise<number> {
    return (await this.run<{ snapshots: unknown[] }>('snapshots')).snapshots.length;
  }

  /** Two snapshots, of which the first has a large file more. */
  async begin(): Promise<void> {
    await this.run('init', '--recovery-phrase-out', this.world.path('phrase'));
    plantFile(path.join(this.source, 'letter.txt'), 40_000, 'letter');
    plantFile(path.join(this.source, 'large.bin'), LARGE, 'large');
    await this.run('backup', this.source);
    rmSync(path.join(this.source, 'large.bin'));
    await this.run('backup', this.source);
  }

  /** Forgets the first, and dooms what only that needed. */
  async doom(): Promise<string> {
    await this.run('forget', '--keep-last', '1', '--yes');
    const dry = await this.run<Pruned>('prune', '--dry-run');
    expect(dry).toMatchObject({ plan: { snapshots: 1 }, tombstone: null });
    const pruned = await this.run<Pruned>('prune', '--yes');
    expect(pruned).toMatchObject({ plan: dry.plan, erased: { bytes: 0 } });
    expect(pruned.plan.bytesFreed).toBeGreaterThan(LARGE);
    return pruned.tombstone!;
  }

  /** What is pending is due in a week, and is called off. */
  async callOff(tombstone: string): Promise<void> {
    const listed = await this.run<Listed>('erasures');
    expect(listed.erasures).toMatchObject([{ tombstone, snapshots: 1 }]);
    expect(Math.abs(listed.erasures[0]!.due - Date.now() - 7 * DAY)).toBeLessThan(DAY / 2);
    expect(await this.run<Pruned>('prune', '--yes')).toMatchObject({ erased: { bytes: 0 } });
    expect(await this.snapshots()).toBe(1);
    expect(await this.run<Listed>('erasures', '--cancel', tombstone.slice(0, 12))).toMatchObject({ erasures: [] });
    expect(await this.snapshots()).toBe(2);
  }

  /** Erases what is due, and says what of the source does not come back. */
  async erase(...words: string[]): Promise<string[]> {
    expect((await this.run<Pruned>('prune', '--yes', ...words)).erased.bytes).toBeGreaterThan(LARGE);
    expect(await this.run('verify', '--data')).toMatchObject({ damagedCount: 0, snapshots: 1 });
    const target = this.world.path('restored');
    await this.run('restore', '--to', target);
    return differences(below('tree', await treeOf(this.source)), await treeOf(target), { times: 0 });
  }
}

for (const make of ['garage', 'ceph'] as const) {
  test(`the command line forgets, prunes, calls off and erases in a bucket of ${make}, after its own delay`, async ({ world }) => {
    const bucket = await world.bucket(make);
    const shell = new Shell(world, bucket, ['-r', 's3://bucket/some/where']);
    await shell.begin();
    await shell.callOff(await shell.doom());
    await shell.doom();
    const packs = async () => (await bucket.keys()).filter((key) => key.includes('/pack/')).length;
    const before = await packs();
    expect(await shell.erase('--erase-delay', '0s')).toEqual([]);
    expect(await packs()).toBeLessThan(before);
  });
}

for (const where of ['its own folder', 'a bucket'] as const) {
  test(`the command line forgets, prunes and calls off at a server that keeps the delay by its own clock, and the server erases in ${where}`, async ({ world }) => {
    const bucket = where === 'a bucket' ? await world.bucket('garage') : undefined;
    const stored = async (): Promise<number> => bucket ? (await bucket.keys()).filter((key) => key.includes('/pack/')).length : new Objects(world.data).bytes('pack');
    const options = bucket ? { bucket } : {};
    const server = await world.server(options);
    const shell = new Shell(world, undefined, ['--server', server.url, '--name', 'from-a-shell']);
    await shell.begin();
    await shell.callOff(await shell.doom());
    // What the client says of a delay counts nothing.
    await shell.doom();
    expect(await shell.run<Pruned>('prune', '--yes', '--erase-delay', '0s')).toMatchObject({ erased: { bytes: 0 } });
    for (const { tombstone } of (await shell.run<Listed>('erasures')).erasures) await shell.run('erasures', '--cancel', tombstone);
    expect(await shell.snapshots()).toBe(2);
    await server.stop();
    await world.server({ ...options, port: server.port, eraseDelay: '0s' });
    await shell.doom();
    const before = await stored();
    expect(await shell.erase()).toEqual([]);
    expect(await stored()).toBeLessThan(before);
  });
}
