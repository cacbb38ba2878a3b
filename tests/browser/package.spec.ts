import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type * as Package from '../../crate/wasm/dist/index.js';
import { FORBIDDEN, NAMES_FOLDER, plant, SMALL } from './support/corpus.ts';
import { embedder } from './support/embedder.ts';
import { answerPicker, type Profile } from './support/profile.ts';
import { program, runProgram } from './support/programs.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test, type World } from './support/world.ts';

const PASSPHRASE = 'correct horse battery staple';

test('a vault that the command line made in a folder opens in a tab with its passphrase, and restores into another folder', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const [vault, passphrase] = [world.path('vault'), passphraseFile(world)];
  const made = await runProgram(program('STRONGROOM_CLI'), ['init', '--vault', vault, '--passphrase-file', passphrase, '--recovery-phrase-out', world.path('phrase')]);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const backedUp = await runProgram(program('STRONGROOM_CLI'), ['backup', '--vault', vault, '--passphrase-file', passphrase, source]);
  expect(backedUp, backedUp.stderr).toMatchObject({ code: 0 });

  const profile = await embedder(world);
  await keepHandle(profile, vault, 'vaultFolder');
  const target = world.makeFolder('restored');
  await keepHandle(profile, target, 'targetFolder');
  const damaged = await profile.page.evaluate(async (secret) => {
    const folders = window as unknown as Record<'vaultFolder' | 'targetFolder', FileSystemDirectoryHandle>;
    const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
    const strongroom = await Strongroom.start();
    const vault = await strongroom.unlock({ kind: 'directory', handle: folders.vaultFolder }, { secret: { passphrase: secret } });
    const [snapshot] = await vault.snapshots();
    const report = await vault.restore(snapshot!.id, [''], { kind: 'directory', handle: folders.targetFolder }).done;
    strongroom.close();
    return report.damaged.map(({ path: name }) => name);
  }, PASSPHRASE);
  const refused = new Set(FORBIDDEN.map((name) => `tree/${NAMES_FOLDER}/${name}`));
  expect(damaged.filter((name) => !refused.has(name))).toEqual([]);
  const expected = new Map([...below('tree', await treeOf(source))].filter(([name]) => !refused.has(name)));
  const restored = new Map([...(await treeOf(target))].filter(([name]) => expected.has(name)));
  expect(differences(expected, restored)).toEqual([]);
});

test('a vault that a tab made in a folder, and whose passphrase it changed, opens with the command line, by that passphrase and by its recovery phrase', async ({ world }) => {
  const vault = world.makeFolder('vault');
  const profile = await embedder(world);
  await keepHandle(profile, vault, 'vaultFolder');
  const phrase = await profile.page.evaluate(async (secret) => {
    const { vaultFolder } = window as unknown as { vaultFolder: FileSystemDirectoryHandle };
    const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
    const strongroom = await Strongroom.start();
    const { vault, recoveryPhrase } = await strongroom.createVault({ kind: 'directory', handle: vaultFolder }, { name: 'in-a-folder', passphrase: 'the first of two' });
    const large = new Uint8Array(5_000_000).map((_, index) => index * index >> 7);
    await vault.backup([
      { path: 'letters/', mtime: 1_500_000_000_123 }, { path: 'letters/été.txt', mtime: 1_600_000_000_456, blob: new Blob(['dear reader']) },
      { path: 'letters/empty/' }, { path: 'large.bin', mtime: 1_700_000_000_789, blob: new Blob([large]) },
    ]).done;
    const wrong = await vault.changePassphrase({ secret: { passphrase: 'not this one' }, passphrase: 'nor this' }).catch(({ code }: { code: string }) => code);
    if (wrong !== 'wrong_secret') throw new Error(`anybody can change it: ${wrong}`);
    await vault.changePassphrase({ secret: { passphrase: 'the first of two' }, passphrase: secret });
    strongroom.close();
    return recoveryPhrase.join(' ');
  }, PASSPHRASE);
  const expected = world.makeFolder('expected');
  world.makeFolder('expected', 'letters', 'empty');
  put(path.join(expected, 'letters/été.txt'), Buffer.from('dear reader'), 1_600_000_000_456);
  put(path.join(expected, 'large.bin'), Buffer.from(new Uint8Array(5_000_000).map((_, index) => index * index >> 7)), 1_700_000_000_789);
  writeFileSync(world.path('phrase'), `${phrase}\n`);

  for (const secret of [['--passphrase-file', passphraseFile(world)], ['--recovery-phrase-file', world.path('phrase')]]) {
    const target = world.path(`restored by ${secret[0]}`);
    const ended = await runProgram(program('STRONGROOM_CLI'), ['restore', '--vault', vault, '--to', target, ...secret]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(differences(await treeOf(expected), await treeOf(target), { times: 0 })).toEqual([]);
  }
});

/** A handle of this folder, as `window[name]`. */
async function keepHandle(profile: Profile, folder: string, name: string): Promise<void> {
  await answerPicker(profile, folder);
  await profile.page.evaluate(async (key) => {
    const picker = window as unknown as { showDirectoryPicker(): Promise<FileSystemDirectoryHandle> };
    Object.assign(window, { [key]: await picker.showDirectoryPicker() });
  }, name);
}

function passphraseFile(world: World): string {
  const file = world.path('passphrase');
  writeFileSync(file, `${PASSPHRASE}\n`);
  return file;
}

function put(file: string, bytes: Buffer, mtime: number): void {
  writeFileSync(file, bytes);
  utimesSync(file, (mtime + 0.25) / 1_000, (mtime + 0.25) / 1_000);
}
