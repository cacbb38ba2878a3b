import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { findings } from './support/axe.ts';
import { pdf, wav } from './support/documents.ts';
import { random } from './support/random.ts';
import { LONG, Screens } from './support/screens.ts';
import { below, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const MIB = 1 << 20;
const SECONDS = 260;

test('a sound plays from near its end with little fetched, a film and a PDF are looked at, and a download says when it was cut off and comes where nothing streams it', async ({ world }) => {
  const source = world.path('media');
  const put = (name: string, bytes: Buffer): void => {
    mkdirSync(source, { recursive: true });
    writeFileSync(path.join(source, name), bytes);
  };
  put('long.wav', wav(SECONDS));
  put('book.pdf', pdf(3));
  put('broken.mp3', random('no sound').bytes(90_000));
  put('large.bin', random('large').bytes(24 * MIB));
  const server = await world.server();
  const proxy = await world.proxy(server.url);
  const screens = await world.screens(proxy.url, 'here');
  const { page, profile } = screens;
  const key = await screens.create('media', 'correct horse battery staple');
  put('film.webm', Buffer.from(await page.evaluate(record), 'base64'));
  await screens.backUp([source]);
  await screens.openSnapshot();
  await screens.id('entry-open').click();
  const entry = (of: Screens, name: string, button: string) => of.page.locator(`[data-testid="entry"][data-path="media/${name}"]`).getByTestId(button);
  const look = async (of: Screens, name: string, kind: string): Promise<void> => {
    await entry(of, name, 'entry-look').click();
    await expect(of.id('preview')).toHaveAttribute('data-kind', kind, { timeout: 60_000 });
  };
  const close = async (of: Screens): Promise<void> => {
    await of.id('file-close').click();
    await expect(of.id('file')).toBeHidden();
  };
  /** Bytes of packs that the page has asked for since. */
  const fetchedSince = (from: number): number => proxy.record.slice(from).filter(({ url }) => url.includes('/pack/')).map(({ headers }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    return first === undefined ? 16 * MIB : Number(last) - Number(first) + 1;
  }).reduce((sum, length) => sum + length, 0);

  await test.step('a sound of 50 MB, near its end', async () => {
    const from = proxy.record.length;
    await look(screens, 'long.wav', 'sound');
    expect(await findings(page)).toEqual([]);
    const sound = screens.id('preview-sound');
    await expect.poll(() => sound.evaluate((audio: HTMLAudioElement) => Math.round(audio.duration)), { timeout: 60_000 }).toBe(SECONDS);
    await sound.evaluate((audio: HTMLAudioElement, to) => {
      audio.muted = true;
      audio.currentTime = to;
      return audio.play();
    }, SECONDS - 4);
    await expect.poll(() => sound.evaluate((audio: HTMLAudioElement) => audio.currentTime), { timeout: 60_000 }).toBeGreaterThan(SECONDS - 3);
    const fetched = fetchedSince(from);
    test.info().annotations.push({ type: 'fetched', description: `${(fetched / MIB).toFixed(1)} MiB of ${(SECONDS * 192_000 / MIB).toFixed(1)}` });
    expect(fetched).toBeLessThan(24 * MIB);
    // Whoever closes it has no more of it fetched.
    await close(screens);
    await expect(sound).toHaveCount(0);
  });

  await test.step('a film, and what is none', async () => {
    await look(screens, 'film.webm', 'film');
    const film = screens.id('preview-film');
    await film.evaluate((video: HTMLVideoElement) => {
      video.muted = true;
      return video.play();
    });
    await expect.poll(() => film.evaluate((video: HTMLVideoElement) => video.currentTime > 0 && video.videoWidth), { timeout: 60_000 }).toBe(160);
    await close(screens);
    await look(screens, 'broken.mp3', 'none');
    await expect(screens.id('preview-none')).toContainText('cannot be played');
    await close(screens);
  });

  await test.step('a PDF, page by page', async () => {
    await look(screens, 'book.pdf', 'pdf');
    const drawn = screens.id('preview-pdf');
    await expect(drawn).toHaveAttribute('data-drawn', '1', { timeout: 60_000 });
    expect(await drawn.evaluate(inked)).toBeGreaterThan(0.02);
    expect(await findings(page)).toEqual([]);
    await screens.id('pdf-next').click();
    await expect(drawn).toHaveAttribute('data-drawn', '2');
    await expect(screens.id('pdf-previous')).toBeEnabled();
    await expect(page.locator('.preview a, .preview input, .preview iframe')).toHaveCount(0);
    await close(screens);
  });
  expect(profile.complaints).toEqual([]);

  await test.step('a download whose service worker is stopped', async () => {
    let goOn = (): void => undefined;
    const until = new Promise<void>((go) => { goOn = go; });
    const from = proxy.record.length;
    // Half of it comes and the rest halts, so that it is not over before the worker is.
    proxy.fate = () => (fetchedSince(from) > 28 * MIB ? { until } : 'pass');
    const begun = page.waitForEvent('download', { timeout: LONG });
    await entry(screens, 'long.wav', 'entry-restore').click();
    await begun;
    await profile.cdp.send('ServiceWorker.enable');
    await profile.cdp.send('ServiceWorker.stopAllWorkers');
    proxy.fate = () => 'pass';
    goOn();
    await expect(screens.id('activity')).toHaveAttribute('data-phase', 'failed', { timeout: 120_000 });
    expect(await screens.problem()).toMatch(/^sink_failed: .*service worker/s);
    await screens.id('activity-close').click();
    expect(digest(await restored(screens, entry(screens, 'large.bin', 'entry-restore'), world.path('once more')))).toBe(digest(path.join(source, 'large.bin')));
    await screens.finish();
  });

  await test.step('where there is no service worker', async () => {
    const other = await profile.context.newPage();
    await other.clock.install();
    await other.addInitScript(() => {
      const refuse = (): Promise<never> => Promise.reject(new DOMException('The user denied permission to use service workers.', 'SecurityError'));
      Object.assign(ServiceWorkerContainer.prototype, { register: refuse, getRegistration: refuse });
    });
    const there = new Screens({ ...profile, page: other }, proxy.url);
    await there.unlock(key);
    await there.openSnapshot();
    const zip = await restored(there, there.id('restore-all-download'), world.path('without.zip'));
    // Somebody may be asked where to save it, and think about it.
    await other.clock.fastForward('05:00');
    expect(await staged(there)).toBe(1);
    expect(missingInZip(below('media', await treeOf(source)), zip)).toEqual([]);
    await there.finish();
    await there.id('entry-open').click();
    await look(there, 'film.webm', 'film');
    await expect.poll(() => there.id('preview-film').evaluate((video: HTMLVideoElement) => video.videoWidth), { timeout: 60_000 }).toBe(160);
    await close(there);
    await other.evaluate(() => Object.assign(navigator.storage, { estimate: async () => ({ quota: 30_000_000, usage: 10_000_000 }) }));
    await entry(there, 'long.wav', 'entry-restore').click();
    await expect(there.id('activity')).toHaveAttribute('data-phase', 'failed', { timeout: 60_000 });
    expect(await there.problem()).toMatch(/^sink_full: .*50 MB are needed, 20 MB are free/s);
    // Nothing that the browser has opened long since keeps its room.
    expect(await staged(there)).toBe(0);
    await there.id('activity-close').click();
    await other.evaluate(() => Object.assign(navigator.storage, { estimate: async () => ({}) }));
    await restored(there, entry(there, 'long.wav', 'entry-restore'), world.path('without.wav'));
    await there.finish();
    expect(await staged(there)).toBe(1);
    // What is left of them goes with the next start.
    await there.unlock(key);
    await expect.poll(() => staged(there), { timeout: 60_000 }).toBe(0);
    await other.close();
  });
});

/** Clicks, and saves what the browser downloads. */
async function restored({ page }: Screens, button: { click(): Promise<void> }, file: string): Promise<string> {
  const starting = page.waitForEvent('download', { timeout: LONG });
  await button.click();
  await (await starting).saveAs(file);
  return file;
}

/** How many downloads lie in the page's own files. */
function staged({ page }: Screens): Promise<number> {
  return page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('strongroom downloads', { create: true });
    let count = 0;
    for await (const _ of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) count++;
    return count;
  });
}

/** A second of a film, as the browser records one. */
async function record(): Promise<string> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 90 });
  const brush = canvas.getContext('2d')!;
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((end) => { recorder.onstop = end; });
  recorder.start();
  for (let frame = 0; frame < 30; frame++) {
    brush.fillStyle = `hsl(${frame * 12} 80% 50%)`;
    brush.fillRect(0, 0, 160, 90);
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The part of a drawing that is not white. */
function inked(canvas: HTMLCanvasElement | SVGElement | HTMLElement): number {
  const drawing = canvas as HTMLCanvasElement;
  const { data } = drawing.getContext('2d')!.getImageData(0, 0, drawing.width, drawing.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at]! + data[at + 1]! + data[at + 2]! < 600) dark++;
  return dark / (data.length / 4);
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
