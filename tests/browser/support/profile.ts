import { existsSync } from 'node:fs';

import { chromium, type BrowserContext, type CDPSession, type Locator, type Page } from '@playwright/test';

import { CHROMIUM, FLAGS, seedProfile } from './chromium.ts';
import { watchPolicies, type Violations } from './policy.ts';

/** One person's Chromium: a profile of its own, with one page. */
export interface Profile {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly cdp: CDPSession;
  /** What the page threw or logged as an error. */
  readonly complaints: string[];
  /** What its policies stopped. A test that causes some on purpose empties this; any that are left fail it. */
  readonly violations: Violations;
  close(): Promise<void>;
}

/** What is different in a browser from the usual one. */
export interface Habits {
  /** More words of its command line. */
  flags?: string[];
  /** What its owner has set for all sites, over the usual: 1 allows, 2 blocks. */
  content?: Record<string, 1 | 2>;
}

export async function openProfile(folder: string, { flags = [], content = {} }: Habits = {}): Promise<Profile> {
  if (!existsSync(folder)) seedProfile(folder, content);
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM, args: [...FLAGS, ...flags], headless: true, acceptDownloads: true, viewport: { width: 1280, height: 900 },
  });
  const violations = await watchPolicies(context);
  const page = context.pages()[0] ?? (await context.newPage());
  // A save picker cannot be clicked headless; without it the page downloads.
  await context.addInitScript(() => { delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker; });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  return { context, page, cdp: await context.newCDPSession(page), complaints, violations, close: () => context.close() };
}

/** Drops files and folders of this machine on an element, as a hand would. */
export async function drop({ page, cdp }: Profile, where: string | Locator, files: string[]): Promise<void> {
  const target = typeof where === 'string' ? page.getByTestId(where) : where;
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (!box) throw new Error(`${String(where)} cannot be seen`);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files, dragOperationsMask: 1 } });
  }
}

/**
 * Lets the page's folder picker answer with this folder: a picker cannot be clicked headless, but a dropped folder gives the same
 * kind of handle. The drop lands on an element laid over the page for that moment.
 */
export async function answerPicker(profile: Profile, folder: string): Promise<void> {
  const { page } = profile;
  await page.evaluate(() => {
    const target = document.createElement('div');
    target.dataset['testid'] = 'picker-target';
    Object.assign(target.style, { position: 'fixed', inset: '0', zIndex: '2147483647' });
    target.addEventListener('dragover', (event) => { event.preventDefault(); event.stopPropagation(); });
    target.addEventListener('drop', (event) => {
      event.preventDefault();
      event.stopPropagation();
      const handle = (event.dataTransfer?.items[0] as unknown as { getAsFileSystemHandle(): Promise<FileSystemDirectoryHandle> }).getAsFileSystemHandle();
      Object.assign(window, { showDirectoryPicker: () => handle });
      target.remove();
    });
    document.body.append(target);
  });
  await drop(profile, 'picker-target', [folder]);
  await page.getByTestId('picker-target').waitFor({ state: 'detached' });
}

/** The tab dies at once, with its workers, as when it is killed or runs out of memory. */
export async function killTab({ page, cdp }: Profile): Promise<void> {
  const crashed = page.waitForEvent('crash');
  void cdp.send('Page.crash').catch(() => undefined);
  await crashed;
}
