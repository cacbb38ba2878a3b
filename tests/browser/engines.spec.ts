import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

import type * as Package from '../../crate/wasm/dist/index.js';
import { serveBare } from './support/bare.ts';
import { edit, NAMES_FOLDER, plant, plantFile, SENTINEL } from './support/corpus.ts';
import { wav } from './support/documents.ts';
import { firefoxWith } from './support/engine/firefox.ts';
import type { Engine } from './support/engine/tab.ts';
import { of, Visit } from './support/engine/visit.ts';
import { webkit } from './support/engine/webkit.ts';
import { program } from './support/programs.ts';
import { Reads } from './support/read.ts';
import { below, sizeOf, treeOf, type Tree } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip, treeOfZip } from './support/zip.ts';

const MIB = 1 << 20;
const SHAPE = { small: 300, media: 2, big: 20_000_000, zeros: 1_000_000 };

/** Firefox stops a service worker that has heard nothing for so long, also one that streams: half a minute, here less. It hears of a download every 10 s. */
const IDLE_MS = 12_000;
const hasty = firefoxWith({ 'dom.serviceWorkers.idle_timeout': IDLE_MS, 'dom.serviceWorkers.idle_extended_timeout': 1_000 });

/** How a browser takes a folder, and what it leaves out; `halt` is how long nothing comes in the middle of a download; whether it has what plays sounds here. */
interface Manner { engine: Engine; skipsHidden: boolean; drops: boolean; plays: boolean; halt: number }
const MANNERS: Manner[] = [
  { engine: hasty, skipsHidden: false, drops: true, plays: true, halt: IDLE_MS + 4_000 },
  { engine: webkit, skipsHidden: true, drops: false, plays: false, halt: 0 },
];

for (const { engine, skipsHidden, drops, plays, halt } of MANNERS) {
  test(`${engine.name} backs up a folder of awkward names as its own ${drops ? 'dialogue and then a drag give' : 'dialogue gives'} it, reads only what changed the second time, and a fresh profile restores every byte`, async ({ world }) => {
    const source = world.path('tree');
    plant(source, SHAPE);
    writeFileSync(path.join(source, 'sound.wav'), wav(20));
    const chosen = async (): Promise<Tree> => asChosen(below('tree', await treeOf(source)), skipsHidden);
    const server = await world.server();
    const proxy = await world.proxy(server.url);
    const tab = await engine.open(world, 'here');
    const here = new Visit(tab, proxy.url);
    const key = await here.create('engine', 'correct horse battery staple');
    expect(await here.attribute('isolation', 'data-isolation')).toBe('enforced');

    await test.step('what the dialogue gives', async () => {
      await tab.choose(of('pick-folder'), [source]);
      const { files, folders, bytes } = sizeOf(await chosen());
      expect(await here.planned()).toMatchObject({ files, folders, bytes, unreadable: 0 });
      const note = await here.text('source-note');
      expect(note).toContain('without its empty folders');
      expect(note.includes('begins with a dot')).toBe(skipsHidden);
      await here.click('backup-now');
      const report = await here.finish();
      expect(report).toMatchObject({ files, bytes });
      expect(report['left'] ?? 0).toBe(0);
    });

    const edited = edit(source);
    const expected = drops ? below('tree', await treeOf(source)) : await chosen();
    await test.step('what is new, and no more', async () => {
      const reads = new Reads(source);
      await tab.drop(of('drop-zone'), [source]);
      if (!drops) {
        await here.until(() => here.text('problem-next'), 'Choose a folder or files instead.');
        await tab.choose(of('pick-folder'), [source]);
      }
      const { files, folders, bytes } = sizeOf(expected);
      const plan = await here.planned();
      expect(plan).toMatchObject({ files, folders, bytes, unreadable: 0 });
      expect(plan['unchanged']).toBeGreaterThan(250);
      await here.click('backup-now');
      const report = await here.finish();
      expect(report['unchanged']).toBe(plan['unchanged']);
      expect(report['new']).toBeLessThanOrEqual(edited.newBytes + 4 * MIB);
      const read = reads.since();
      expect(read).toContain('video.bin');
      expect(read.filter((file) => !edited.touched.some((touched) => file === touched || file.startsWith(`${touched}/`)))).toEqual([]);
    });
    expect(tab.complaints).toEqual([]);

    await test.step('an app whose server sends none of our headers has walls around the keys, too', async () => {
      const app = '<!doctype html><title>An app</title><script type="module">import * as strongroom from "/index.js"; Object.assign(window, strongroom);</script>';
      await tab.goto(await serveBare(world, path.join(program('STRONGROOM_PACKAGE'), 'dist'), app));
      await here.until(() => tab.evaluate(() => 'Strongroom' in window, null), true);
      expect(await tab.evaluate(async (passphrase) => {
        const { Strongroom } = window as unknown as typeof Package;
        const strongroom = await Strongroom.start({ lanes: 1 });
        const { vault } = await strongroom.createVault({ kind: 'memory', id: 'bare' }, { name: 'bare', passphrase });
        await vault.backup([{ path: 'letter.txt', mtime: 0, blob: new Blob(['dear reader']) }]).done;
        const [snapshot] = await vault.snapshots();
        const { bytes } = await vault.read(snapshot!.id, 'letter.txt');
        return [vault.isolation, new TextDecoder().decode(bytes)];
      }, 'correct horse battery staple')).toEqual(['enforced', 'dear reader']);
    });
    await tab.close();

    await test.step('in a fresh profile', async () => {
      const fresh = await engine.open(world, 'there');
      const there = new Visit(fresh, proxy.url);
      await there.unlock(key);
      await there.openSnapshot();
      await fresh.click(entry('tree', 'entry-open'));
      await fresh.click(entry('tree/notes 000', 'entry-open'));
      const [name = ''] = readdirSync(path.join(source, 'notes 000')).sort();
      await fresh.click(entry(`tree/notes 000/${name}`, 'entry-look'));
      await there.until(() => there.attribute('preview', 'data-kind'), 'text');
      expect(await there.text('preview-text')).toContain(SENTINEL);
      await there.click('file-close');
      await fresh.click(`${of('crumb')}[data-path="tree"]`);
      await there.until(() => there.attribute('entries', 'data-path'), 'tree');
      if (plays) {
        await fresh.click(entry('tree/sound.wav', 'entry-look'));
        await there.until(() => there.attribute('preview', 'data-kind'), 'sound');
        await there.until(() => fresh.evaluate(() => Math.round(document.querySelector('audio')?.duration ?? 0), null), 20);
        const at = await fresh.evaluate(() => new Promise<number>((seen) => {
          const audio = document.querySelector('audio')!;
          audio.onseeked = () => seen(audio.currentTime);
          audio.currentTime = 18;
        }), null);
        expect(at).toBe(18);
        await there.click('file-close');
      }
      // The first part is on its way to the disk when the rest halts.
      let [packs, halted] = [0, undefined as Promise<void> | undefined];
      proxy.fate = ({ method, url }) => {
        if (halt === 0 || method !== 'GET' || !url.includes('/pack/') || ++packs === 1) return 'pass';
        if (halted) return 'pass';
        return { until: halted = new Promise((over) => setTimeout(over, halt)) };
      };
      const video = await there.download(entry('tree/video.bin', 'entry-restore'));
      expect(path.basename(video)).toBe('video.bin');
      expect(digest(video)).toBe(digest(path.join(source, 'video.bin')));
      expect(halted !== undefined).toBe(halt > 0);
      expect(await there.text('restore-no-folder')).toMatch(/ZIP/);
      expect(await there.count('restore-all-folder')).toBe(0);
      const zip = await there.download(of('restore-all-download'));
      expect(missingInZip(expected, zip)).toEqual([]);
      expect([...treeOfZip(zip).keys()].filter((name) => name.includes(NAMES_FOLDER)).length).toBeGreaterThan(25);
      // Firefox says this, now and then, of an answer that its own player breaks off once it knows how long the sound is.
      const ofPlayer = 'Failed to load ‘’. A ServiceWorker intercepted the request and encountered an unexpected error.';
      expect(fresh.complaints.filter((complaint) => complaint !== ofPlayer)).toEqual([]);
    });
  });
}

// A second lane takes over half of the large one.
for (const lanes of ['one lane', 'two lanes']) {
  test(`a file that changes in Firefox, which says nothing, is noticed before it is read and after by ${lanes}, and is in the one snapshot as it is then`, async ({ world }) => {
    const source = world.path('tree');
    plantFile(path.join(source, 'as long as before.bin'), 10_000, 'same');
    plantFile(path.join(source, 'longer.bin'), 10_000, 'longer');
    plantFile(path.join(source, 'deep/shorter.bin'), 10_000, 'shorter');
    // More than may be read while nothing can be stored.
    plantFile(path.join(source, 'large.bin'), 180_000_000, 'large');
    const server = await world.server();
    const proxy = await world.proxy(server.url);
    const tab = await firefoxWith({ 'dom.maxHardwareConcurrency': lanes === 'one lane' ? 1 : 2 }).open(world, 'here');
    const here = new Visit(tab, proxy.url);
    await here.create('silent', 'correct horse battery staple');
    await tab.drop(of('drop-zone'), [source]);
    await here.planned();
    writeFileSync(path.join(source, 'as long as before.bin'), Buffer.alloc(10_000, 1));
    writeFileSync(path.join(source, 'longer.bin'), Buffer.alloc(20_000, 2));
    writeFileSync(path.join(source, 'deep/shorter.bin'), Buffer.alloc(2_000, 3));
    proxy.fate = ({ method }) => (method === 'PUT' ? { status: 503 } : 'pass');
    await here.click('backup-now');
    await here.until(async () => (await here.count('progress-waiting')) > 0, true);
    const large = openSync(path.join(source, 'large.bin'), 'r+');
    writeSync(large, Buffer.alloc(1_000, 4), 0, 1_000, 1_000);
    closeSync(large);
    proxy.fate = () => 'pass';
    const report = await here.finish();
    expect(report).toMatchObject({ files: 4, bytes: 180_032_000 });
    expect(report['left'] ?? 0).toBe(0);
    await here.openSnapshot();
    const zip = await here.download(of('restore-all-download'));
    expect(missingInZip(below('tree', await treeOf(source)), zip)).toEqual([]);

    // Of what is chosen there is no folder to look in.
    await here.click('snapshot-back');
    await here.onScreen('vault');
    await tab.choose(of('pick-files'), [path.join(source, 'longer.bin')]);
    await here.planned();
    expect(await here.text('source-note')).toContain('this browser may not notice');
  });
}

/** What a dialogue for folders delivers: files, and folders only where there is something in them. */
function asChosen(tree: Tree, skipsHidden: boolean): Tree {
  const files = [...tree].filter(([name, leaf]) => leaf.kind === 'file' && !(skipsHidden && name.includes('/.')));
  const folders = new Set(files.flatMap(([name]) => [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index))));
  return new Map([...tree].filter(([name, leaf]) => (leaf.kind === 'folder' ? folders.has(name) : files.some(([file]) => file === name))));
}

/** One button of a row. */
function entry(at: string, button: string): string {
  return `${of('entry')}[data-path="${at}"] ${of(button)}`;
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
