import { expect } from '@playwright/test';

import { LONG, type Key } from '../screens.ts';
import type { Plain, Tab } from './tab.ts';

/** The page as a person uses it, in any browser; ids as in www/TESTIDS.md. */
export class Visit {
  constructor(readonly tab: Tab, readonly url: string) {}

  async create(name: string, passphrase: string): Promise<Key> {
    await this.open();
    await this.click('go-create');
    await this.fill('create-name', name);
    await this.click('create-way-own');
    await this.fill('create-passphrase', passphrase);
    await this.fill('create-passphrase-again', passphrase);
    const fullName = await this.text('create-full-name');
    await this.click('create-submit');
    await this.onScreen('kit');
    const words = await this.texts('kit-word');
    expect(words).toHaveLength(24);
    await this.click('kit-continue');
    await this.onScreen('rehearse');
    for (const number of await this.attributes('rehearse-word', 'data-number')) await this.tab.fill(`${of('rehearse-word')}[data-number="${number}"]`, words[Number(number) - 1] ?? '');
    await this.click('rehearse-submit');
    await this.onScreen('vault');
    return { name: fullName, passphrase, phrase: words.join(' ') };
  }

  async unlock({ name, passphrase }: Pick<Key, 'name' | 'passphrase'>): Promise<void> {
    await this.open();
    await this.click('go-unlock');
    await this.fill('unlock-name', name);
    await this.click('unlock-with-passphrase');
    await this.fill('unlock-passphrase', passphrase);
    await this.click('unlock-submit');
    await this.onScreen('vault');
  }

  async open(): Promise<void> {
    await this.tab.goto(this.url);
    await this.onScreen('welcome');
  }

  async onScreen(name: string): Promise<void> {
    await this.until(() => this.attribute('app', 'data-screen'), name);
  }

  /** What the plan says once it is whole. */
  async planned(): Promise<Record<string, number>> {
    await this.phase('planned');
    return this.numbers('plan');
  }

  /** Waits for the report, and puts it away. */
  async finish(look?: () => Promise<void>): Promise<Record<string, number>> {
    await this.phase('done');
    await look?.();
    const report = await this.numbers('report');
    await this.click('activity-close');
    return report;
  }

  async openSnapshot(): Promise<void> {
    await this.click('snapshot-open');
    await this.onScreen('snapshot');
    await this.until(() => this.count('entries'), 1);
  }

  /** Clicks, waits for the report, and gives the file that the browser has saved then. */
  async download(selector: string): Promise<string> {
    const before = (await this.tab.downloads()).length;
    await this.tab.click(selector);
    await this.finish();
    await expect.poll(async () => (await this.tab.downloads()).length, { timeout: LONG }).toBe(before + 1);
    return (await this.tab.downloads()).at(-1)!;
  }

  /** Fails at once, with the page's own sentence, when the activity fails instead. */
  async phase(name: string): Promise<void> {
    await expect.poll(() => this.attribute('activity', 'data-phase'), { timeout: LONG }).toMatch(new RegExp(`^(${name}|failed)$`));
    const phase = await this.attribute('activity', 'data-phase');
    if (phase !== name) throw new Error(`the activity ended as ${phase}: ${await this.text('problem-message')} (${await this.text('problem-detail')})`);
  }

  click(testId: string): Promise<void> { return this.tab.click(of(testId)); }
  fill(testId: string, text: string): Promise<void> { return this.tab.fill(of(testId), text); }

  /** Of the first. */
  async text(testId: string): Promise<string> { return (await this.texts(testId))[0] ?? ''; }
  async attribute(testId: string, name: string): Promise<string | null> { return (await this.attributes(testId, name))[0] ?? null; }
  count(testId: string): Promise<number> { return this.tab.evaluate((selector) => document.querySelectorAll(selector).length, of(testId)); }

  texts(testId: string): Promise<string[]> {
    return this.tab.evaluate((selector) => [...document.querySelectorAll(selector)].map((element) => (element.textContent ?? '').trim()), of(testId));
  }

  attributes(testId: string, name: string): Promise<(string | null)[]> {
    return this.tab.evaluate(({ selector, name }) => [...document.querySelectorAll(selector)].map((element) => element.getAttribute(name)), { selector: of(testId), name });
  }

  /** Every `<prefix>-…` with a number on the page now. */
  numbers(prefix: string): Promise<Record<string, number>> {
    return this.tab.evaluate((start) => {
      const found = [...document.querySelectorAll<HTMLElement>(`[data-testid^="${start}-"][data-value]`)];
      return Object.fromEntries(found.map((element) => [element.dataset['testid']!.slice(start.length + 1), Number(element.dataset['value'])]));
    }, prefix);
  }

  until<R extends Plain>(ask: () => Promise<R>, wanted: R): Promise<void> {
    return expect.poll(ask, { timeout: 60_000 }).toEqual(wanted);
  }
}

/** The selector of a test id. */
export function of(testId: string): string {
  return `[data-testid="${testId}"]`;
}
