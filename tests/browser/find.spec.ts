import type * as Package from '../../crate/wasm/dist/index.js';
import { embedder } from './support/embedder.ts';
import { expect, test } from './support/world.ts';

test('the package finds names whatever their case and accents, tells a file\'s versions, and reads the beginning of one', async ({ world }) => {
  const { page } = await embedder(world);
  const seen = await page.evaluate(async () => {
    const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
    const strongroom = await Strongroom.start();
    const { vault } = await strongroom.createVault({ kind: 'memory', id: 'find' }, { name: 'find-me', passphrase: 'correct horse battery staple' });
    const large = new Uint8Array(9_000_000).map((_, index) => index * index >> 7);
    const entry = (path: string, content: BlobPart, mtime: number) => ({ path, mtime, blob: new Blob([content]) });
    const many = Array.from({ length: 3_000 }, (_, number) => entry(`many/${String(number).padStart(4, '0')}.dat`, '', number));
    const before = [...many, entry('notes/Été à Paris.TXT', 'first', 1), entry('notes/summer.txt', 'same', 2), entry('large.bin', large, 3), { path: 'empty/' }];
    const after = [...many, entry('notes/Été à Paris.TXT', 'second!', 4), entry('notes/summer.txt', 'same', 2), entry('large.bin', large, 3)];
    const [older, newer] = [await vault.backup(before).done, await vault.backup(after).done];

    const search = async (words: string) => {
      const found: string[] = [];
      let looked = 0;
      for await (const part of vault.search(older.snapshot, words)) {
        found.push(...part.finds.map(({ folder, name, kind, size, files }) => `${folder}|${name}|${kind}|${size}|${files}`));
        looked = part.looked;
      }
      return { found, looked };
    };
    const failure = (run: Promise<unknown>) => run.then(() => 'none', (error: unknown) => (error as Package.StrongroomError).code);
    const text = async (snapshot: string) => new TextDecoder().decode((await vault.read(snapshot, 'notes/Été à Paris.TXT')).bytes);
    await vault.snapshots();
    const seen = {
      words: (await search('  PARIS   ete ')).found,
      decomposed: (await search('e\u0301te\u0301')).found,
      stars: (await search('s*r*.txt')).found,
      folders: (await search('EMPTY')).found,
      all: (await search('dat')).found.length,
      none: await search('dat nothing'),
      blank: await search(' '),
      versions: (await vault.versions('notes/Été à Paris.TXT')).map(({ snapshot, snapshots, size, mtime }) => ({ newest: snapshot === newer.snapshot, snapshots, size, mtime })),
      same: (await vault.versions('notes/summer.txt')).map(({ snapshots, size }) => ({ snapshots, size })),
      absent: await vault.versions('nowhere'),
      texts: [await text(older.snapshot), await text(newer.snapshot)],
      whole: await vault.read(newer.snapshot, 'large.bin').then(({ bytes, size }) => [size, bytes.every((byte, index) => byte === large[index])]),
      beginning: await vault.read(newer.snapshot, 'large.bin', { limit: 1_000_000 }).then(({ bytes, size }) => [size, bytes.length, bytes.every((byte, index) => byte === large[index])]),
      empty: await vault.read(older.snapshot, 'many/0000.dat').then(({ bytes, size }) => [bytes.length, size]),
      failures: [
        await failure(vault.read(older.snapshot, 'notes/nothing')), await failure(vault.read(older.snapshot, 'notes')), await failure(vault.read(older.snapshot, 'empty')),
        await failure(vault.read(older.snapshot, 'large.bin', { signal: AbortSignal.abort() })), await failure(vault.list('0'.repeat(64), '')),
      ],
    };
    strongroom.close();
    return seen;
  });
  expect(seen).toEqual({
    words: ['notes|Été à Paris.TXT|file|5|1'],
    decomposed: ['notes|Été à Paris.TXT|file|5|1'],
    stars: ['notes|summer.txt|file|4|1'],
    folders: ['|empty|folder|0|0'],
    all: 3_000,
    none: { found: [], looked: 3_006 },
    blank: { found: [], looked: 0 },
    versions: [{ newest: true, snapshots: 1, size: 7, mtime: 4 }, { newest: false, snapshots: 1, size: 5, mtime: 1 }],
    same: [{ snapshots: 2, size: 4 }],
    absent: [],
    texts: ['first', 'second!'],
    whole: [9_000_000, true],
    beginning: [9_000_000, 1_000_000, true],
    empty: [0, 0],
    failures: ['no_such_path', 'no_such_path', 'no_such_path', 'cancelled', 'no_snapshot'],
  });
});

test('what is restored into a folder is read back: a disk that changes one byte is found out, and the file is named', async ({ world }) => {
  const { page } = await embedder(world);
  const seen = await page.evaluate(async () => {
    const { Strongroom } = (await import('/index.js' as string)) as typeof Package;
    const strongroom = await Strongroom.start();
    const { vault } = await strongroom.createVault({ kind: 'memory', id: 'check' }, { name: 'check-me', passphrase: 'correct horse battery staple' });
    const large = new Uint8Array(9_000_000).map((_, index) => index * index >> 7);
    const { snapshot } = await vault.backup([
      { path: 'a/good.txt', blob: new Blob(['good']) }, { path: 'a/bad.txt', blob: new Blob(['good once']) }, { path: 'empty', blob: new Blob([]) }, { path: 'large.bin', blob: new Blob([large]) },
    ]).done;
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('restored', { create: true });
    const sound = await vault.restore(snapshot, [''], { kind: 'directory', handle: folder }, { check: true }).done;
    const unasked = await vault.restore(snapshot, [''], { kind: 'directory', handle: folder }).done;

    /** Real folders, but what is written into `bad.txt` changes on its way. */
    const faulty = (real: FileSystemDirectoryHandle): FileSystemDirectoryHandle => ({
      getDirectoryHandle: async (name: string, options?: FileSystemGetDirectoryOptions) => faulty(await real.getDirectoryHandle(name, options)),
      getFileHandle: async (name: string, options?: FileSystemGetFileOptions) => {
        const handle = await real.getFileHandle(name, options);
        if (name !== 'bad.txt') return handle;
        const createWritable = async () => {
          const stream = await handle.createWritable();
          return { write: (bytes: Uint8Array<ArrayBuffer>) => stream.write(bytes.map((byte, at) => (at === 1 ? byte ^ 1 : byte))), close: () => stream.close(), abort: () => stream.abort() };
        };
        return { createWritable, getFile: () => handle.getFile() };
      },
    }) as unknown as FileSystemDirectoryHandle;
    const damaged = await vault.restore(snapshot, [''], { kind: 'directory', handle: faulty(await root.getDirectoryHandle('faulty', { create: true })) }, { check: true }).done;
    strongroom.close();
    const names = (checked: Package.Checked | undefined) => checked && { ...checked, wrong: checked.wrong.map(({ path, code }) => `${path}: ${code}`) };
    return { sound: names(sound.checked), unasked: unasked.checked ?? null, damaged: names(damaged.checked), files: damaged.files };
  });
  expect(seen).toEqual({
    sound: { files: 4, bytes: 9_000_013, wrong: [], wrongCount: 0 },
    unasked: null,
    damaged: { files: 3, bytes: 9_000_004, wrong: ['a/bad.txt: sink_failed'], wrongCount: 1 },
    files: 4,
  });
});
