import { rmSync } from 'node:fs';
import path from 'node:path';

import { expect, type Locator, type Page } from '@playwright/test';

import { answerPicker, drop, type Profile } from './profile.ts';

/** Long enough for the largest tree of these tests on a slow machine; every wait ends as soon as its condition holds. */
export const LONG = 200_000;

export interface Key { name: string; passphrase: string; phrase: string }

/** The page as a person uses it; ids as in www/TESTIDS.md. */
export class Screens {
  readonly page: Page;

  constructor(readonly profile: Profile, readonly url: string) {
    this.page = profile.page;
  }

  id(testId: string): Locator { return this.page.getByTestId(testId); }

  async open(): Promise<void> {
    await this.page.goto(this.url);
    await this.onScreen('welcome');
  }

  async onScreen(name: string, timeout = 30_000): Promise<void> {
    await expect(this.id('app')).toHaveAttribute('data-screen', name, { timeout });
  }

  /**
   * From the welcome to the unlocked vault, the recovery kit written down and rehearsed; `look` sees the two screens on the way, `place`
   * chooses where the vault is to lie.
   */
  async create(name: string, passphrase: string, look?: (screen: 'kit' | 'rehearse') => Promise<void>, place?: () => Promise<void>): Promise<Key> {
    await this.open();
    await this.id('go-create').click();
    await this.id('create-name').fill(name);
    await place?.();
    await this.id('create-way-own').check();
    await this.id('create-passphrase').fill(passphrase);
    await this.id('create-passphrase-again').fill(passphrase);
    const fullName = (await this.id('create-full-name').innerText()).trim();
    await this.id('create-submit').click();
    const kit = this.page.locator('[data-testid="app"][data-screen="kit"]');
    await expect(kit.or(this.id('problem')).or(this.id('create-advice'))).toBeVisible({ timeout: 60_000 });
    if (!await kit.isVisible()) throw new Error(`the vault was not created: ${await this.id('problem').isVisible() ? await this.problem() : await this.id('create-advice').innerText()}`);
    const words = (await this.id('kit-word').allInnerTexts()).map((word) => word.trim());
    expect(words).toHaveLength(24);
    await look?.('kit');
    await this.id('kit-continue').click();
    await this.onScreen('rehearse');
    await look?.('rehearse');
    for (const input of await this.id('rehearse-word').all()) {
      await input.fill(words[Number(await input.getAttribute('data-number')) - 1] ?? '');
    }
    await this.id('rehearse-submit').click();
    await this.onScreen('vault');
    return { name: fullName, passphrase, phrase: words.join(' ') };
  }

  async unlock({ name, passphrase }: Pick<Key, 'name' | 'passphrase'>): Promise<void> {
    await this.enterPassphrase({ name, passphrase });
    await this.onScreen('vault', 60_000);
  }

  async enterPassphrase({ name, passphrase }: Pick<Key, 'name' | 'passphrase'>): Promise<void> {
    await this.open();
    await this.id('go-unlock').click();
    await this.id('unlock-name').fill(name);
    await this.id('unlock-with-passphrase').check();
    await this.id('unlock-passphrase').fill(passphrase);
    await this.id('unlock-submit').click();
  }

  async unlockByPhrase({ name, phrase }: Pick<Key, 'name' | 'phrase'>): Promise<void> {
    await this.open();
    await this.id('go-unlock').click();
    await this.id('unlock-name').fill(name);
    await this.id('unlock-with-phrase').check();
    await this.id('unlock-phrase').fill(phrase);
    await this.id('unlock-submit').click();
    await this.onScreen('vault', 60_000);
  }

  /** Drops, and waits for the plan. */
  async plan(files: string[], label = ''): Promise<Record<string, number>> {
    await this.id('backup-label').fill(label);
    await drop(this.profile, 'drop-zone', files);
    await this.phase('planned', LONG);
    return this.numbers('plan');
  }

  /** Drops, goes, and waits for the report. */
  async backUp(files: string[], label = ''): Promise<Record<string, number>> {
    await this.plan(files, label);
    await this.id('backup-now').click();
    return this.finish();
  }

  /** Waits for the report of what is running, and puts it away. */
  async finish(look?: () => Promise<void>): Promise<Record<string, number>> {
    await this.phase('done', LONG);
    await look?.();
    const report = await this.numbers('report');
    await this.id('activity-close').click();
    return report;
  }

  /** Fails at once, with the page's own sentence, when the activity fails instead. */
  async phase(name: string, timeout: number): Promise<void> {
    const activity = this.id('activity');
    await expect(activity).toHaveAttribute('data-phase', name === 'failed' ? 'failed' : new RegExp(`^(${name}|failed)$`), { timeout });
    const phase = await activity.getAttribute('data-phase');
    if (phase !== name) throw new Error(`the activity ended as ${phase}: ${await this.problem()}`);
  }

  /** The page's error: its code, its sentence, and the engine's own. */
  async problem(): Promise<string> {
    await expect(this.id('problem')).toBeVisible();
    const text = async (testId: string): Promise<string> => (await this.id(testId).textContent() ?? '').trim();
    return `${await this.id('problem').getAttribute('data-code')}: ${await text('problem-message')} (${await text('problem-detail')})`;
  }

  /** Every `<prefix>-…` with a number on the page now. */
  numbers(prefix: string): Promise<Record<string, number>> {
    return this.page.evaluate((start) => {
      const found = [...document.querySelectorAll<HTMLElement>(`[data-testid^="${start}-"][data-value]`)];
      return Object.fromEntries(found.map((element) => [element.dataset['testid']!.slice(start.length + 1), Number(element.dataset['value'])]));
    }, prefix);
  }

  /** What the report lists as left out or damaged: path to code. */
  async left(): Promise<Map<string, string>> {
    const items = await this.id('report-left-item').all();
    return new Map(await Promise.all(items.map(async (item) => [await item.getAttribute('data-path') ?? '', await item.getAttribute('data-code') ?? ''] as const)));
  }

  /** Opens the newest snapshot, or the one at this place of the list. */
  async openSnapshot(place = 0): Promise<void> {
    await this.id('snapshot-open').nth(place).click();
    await this.onScreen('snapshot');
    await expect(this.id('entries').or(this.id('entries-empty'))).toBeVisible();
  }

  /** The whole of the open snapshot as one download, saved in `folder`. */
  async restoreDownload(folder: string, button = 'restore-all-download'): Promise<string> {
    const starting = this.page.waitForEvent('download', { timeout: LONG });
    await this.id(button).click();
    const download = await starting;
    const file = path.join(folder, download.suggestedFilename());
    rmSync(file, { force: true });
    await download.saveAs(file);
    return file;
  }

  /** The whole of the open snapshot into a folder of this machine. */
  async restoreFolder(folder: string, button = 'restore-all-folder'): Promise<void> {
    await answerPicker(this.profile, folder);
    await this.id(button).click();
    await this.phase('done', LONG);
  }

  /** Checks everything, every byte if `data`; gives the report's numbers, after `look` has seen the report itself. */
  async verify(kind: 'structure' | 'data', look?: () => Promise<void>): Promise<Record<string, number>> {
    await this.id(`verify-${kind}`).click();
    return this.finish(look);
  }
}
