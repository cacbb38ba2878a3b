import { cpSync, mkdirSync, readdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { firefox as launcher, type Page } from '@playwright/test';

import type { World } from '../world.ts';
import { Display } from './display.ts';
import { ENGINES } from './place.ts';
import type { Engine, Plain, Tab } from './tab.ts';

/** Debian's; another by STRONGROOM_FIREFOX. */
const FIREFOX = process.env['STRONGROOM_FIREFOX'] ?? '/usr/bin/firefox-esr';

/** On a screen of its own, since it takes no drag without one; `prefs` as in `about:config`. */
export function firefoxWith(prefs: Record<string, boolean | number | string>): Engine {
  return { name: 'Firefox', open: (world, profile) => open(world, profile, prefs) };
}

async function open(world: World, profile: string, firefoxUserPrefs: Record<string, boolean | number | string>): Promise<Tab> {
  const display = await Display.start(world);
  const answers = world.path('firefox', `answers ${profile}`);
  const downloadsPath = world.makeFolder('firefox', `downloads ${profile}`);
  const context = await launcher.launchPersistentContext(world.makeFolder('firefox', `profile ${profile}`), {
    channel: 'moz-firefox', executablePath: installation(world), headless: false, viewport: null, acceptDownloads: true, downloadsPath, firefoxUserPrefs,
    env: { ...display.env, STRONGROOM_ANSWERS: answers }, args: ['--width=1280', '--height=940'],
  });
  world.atEnd(() => context.close().catch(() => undefined));
  return new FirefoxTab(context.pages()[0] ?? await context.newPage(), display, answers, downloadsPath);
}

class FirefoxTab implements Tab {
  readonly complaints: string[] = [];

  constructor(private readonly page: Page, private readonly display: Display, private readonly answers: string, private readonly folder: string) {
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => { if (message.type() === 'error') this.complaints.push(message.text()); });
  }

  async goto(url: string): Promise<void> { await this.page.goto(url); }
  async click(selector: string): Promise<void> { await this.page.locator(selector).first().click(); }
  async fill(selector: string, text: string): Promise<void> { await this.page.locator(selector).first().fill(text); }

  evaluate<A extends Plain, R extends Plain | void>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R> {
    return this.page.evaluate(work as (argument: unknown) => R | Promise<R>, argument);
  }

  async choose(selector: string, paths: string[]): Promise<void> {
    writeFileSync(this.answers, paths.join('\n'));
    await this.click(selector);
  }

  async drop(selector: string, paths: string[]): Promise<void> {
    const target = this.page.locator(selector).first();
    await target.scrollIntoViewIfNeeded();
    const at = await target.evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const { mozInnerScreenX: left, mozInnerScreenY: top } = window as unknown as { mozInnerScreenX: number; mozInnerScreenY: number };
      return { x: Math.round(left + x + width / 2), y: Math.round(top + y + height / 2) };
    });
    await this.display.drag(paths, at);
  }

  /** A download from a page's own link or frame is told to nobody: what is not whole yet has a neighbour that ends in `.part`. */
  async downloads(): Promise<string[]> {
    const names = readdirSync(this.folder);
    const files = names.filter((name) => !name.endsWith('.part') && !names.includes(`${name}.part`)).map((name) => path.join(this.folder, name));
    return files.filter((file) => statSync(file).size > 0).sort((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs);
  }

  async close(): Promise<void> { await this.page.context().close(); }
}

/**
 * An installation of links to the real one, and beside them a script by which Firefox answers its own dialogue for files with what a test
 * has written down: nothing else can, and Playwright fills in no folders here.
 */
function installation(world: World): string {
  const real = realpathSync(FIREFOX);
  const copy = world.path('firefox', 'installation', path.basename(real));
  if (readdirSync(path.dirname(copy)).length > 0) return copy;
  link(path.dirname(real), path.dirname(copy), ['defaults', path.basename(real)]);
  link(path.join(path.dirname(real), 'defaults'), path.join(path.dirname(copy), 'defaults'), ['pref']);
  link(path.join(path.dirname(real), 'defaults/pref'), path.join(path.dirname(copy), 'defaults/pref'), []);
  // The program looks for the others where it lies itself.
  cpSync(real, copy);
  cpSync(path.join(ENGINES, 'firefox-picker.cfg'), path.join(path.dirname(copy), 'firefox-picker.cfg'));
  writeFileSync(path.join(path.dirname(copy), 'defaults/pref/firefox-picker.js'), [
    'pref("general.config.filename", "firefox-picker.cfg");', 'pref("general.config.obscure_value", 0);', 'pref("general.config.sandbox_enabled", false);', '',
  ].join('\n'));
  return copy;
}

/** Everything of a folder but these, as links. */
function link(from: string, to: string, but: string[]): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) if (!but.includes(name)) symlinkSync(path.join(from, name), path.join(to, name));
}
