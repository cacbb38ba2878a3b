import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { Display, type Point } from './display.ts';
import { ENGINES } from './place.ts';
import type { Engine, Plain, Tab } from './tab.ts';

/** WebKitGTK in a window of our own: it is WebKit's engine, and not Safari. Playwright's WebKit is built for other systems than Debian. */
export const webkit: Engine = {
  name: 'WebKitGTK',
  async open(world, profile) {
    const display = await Display.start(world);
    const host = spawn('/usr/bin/python3', [path.join(ENGINES, 'webkit_host.py'), world.makeFolder('webkit', profile)], {
      env: { ...display.env, WEBKIT_DISABLE_DMABUF_RENDERER: '1' }, stdio: ['pipe', 'pipe', 'pipe'],
    });
    const tab = new WebKitTab(host, display);
    world.atEnd(() => tab.close());
    await tab.up;
    return tab;
  },
};

/** WebKit does not know this part of a policy, and needs none. */
const KNOWN = /directive 'manifest-src'/;

type Told = { id: number; ok: unknown } | { id: number; error: string } | { event: 'up' } | { event: 'download'; path: string } | { event: 'download failed'; error: string } | { event: 'crash'; reason: string };

class WebKitTab implements Tab {
  readonly complaints: string[] = [];
  readonly up: Promise<void>;
  private readonly saved: string[] = [];
  private readonly asked = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  private next = 1;

  constructor(private readonly host: ChildProcessByStdio<Writable, Readable, Readable>, private readonly display: Display) {
    this.up = new Promise((up, failed) => {
      host.once('exit', (code) => failed(new Error(`WebKit's host ended with ${code}`)));
      createInterface(host.stdout).on('line', (line) => {
        const told = JSON.parse(line) as Told;
        if ('id' in told) this.answered(told);
        else if (told.event === 'up') up();
        else if (told.event === 'download') this.saved.push(told.path);
        else this.end(new Error(`WebKit says ${line}`));
      });
    });
    createInterface(host.stderr).on('line', (line) => this.heard(line));
    host.once('exit', (code) => this.end(new Error(`WebKit's host ended with ${code}`)));
  }

  async goto(url: string): Promise<void> { await this.ask({ op: 'goto', url }); }

  async evaluate<A extends Plain, R extends Plain | void>(work: (argument: A) => R | Promise<R>, argument: A): Promise<R> {
    return await this.ask({ op: 'eval', js: `return (${work.toString()})(${JSON.stringify(argument)})` }) as R;
  }

  async click(selector: string): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      const at = await this.middle(selector);
      await this.evaluate(guard, selector);
      await this.display.click(at);
      if (await this.landed()) return;
    }
    throw new Error(`${selector} does not stay where it can be pressed`);
  }

  async fill(selector: string, text: string): Promise<void> {
    const enter = (): Promise<boolean | null> => this.evaluate(({ selector, text }) => {
      const field = document.querySelector<HTMLInputElement>(selector);
      if (!field) return null;
      field.focus();
      field.value = text;
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
      return true;
    }, { selector, text });
    await patiently(enter, selector);
  }

  async choose(selector: string, paths: string[]): Promise<void> {
    await this.ask({ op: 'choose', paths });
    await this.click(selector);
  }

  async drop(selector: string, paths: string[]): Promise<void> { await this.display.drag(paths, await this.middle(selector)); }

  async downloads(): Promise<string[]> { return [...this.saved]; }

  async close(): Promise<void> {
    if (this.host.exitCode !== null || this.host.signalCode !== null) return;
    const ended = once(this.host, 'exit');
    this.host.stdin.end();
    await ended;
  }

  /** Of what is there, can be pressed, and lies under nothing else; on the screen. */
  private async middle(selector: string): Promise<Point> {
    const find = (): Promise<Point | null> => this.evaluate((selector) => {
      const element = document.querySelector<HTMLElement>(selector);
      if (!element || element.matches(':disabled')) return null;
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { x, y, width, height } = element.getBoundingClientRect();
      const at = { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
      const top = document.elementFromPoint(at.x, at.y);
      return top && (element.contains(top) || top.closest('label')?.contains(element)) ? at : null;
    }, selector);
    // Where it was a moment ago: what still moves would be missed.
    let last: Point | null = null;
    const rest = async (): Promise<Point | null> => {
      const [before, at] = [last, await find()];
      last = at;
      return at && before?.x === at.x && before.y === at.y ? at : null;
    };
    const [at, origin] = [await patiently(rest, selector), await this.ask({ op: 'origin' }) as Point];
    return { x: origin.x + at.x, y: origin.y + at.y };
  }

  /** Whether the press came to its element. The screen's mouse presses where the element was: where the page moved meanwhile, or nothing heard of it, it is to press again. */
  private async landed(): Promise<boolean> {
    const told = (): Promise<string | null> => this.evaluate(() => (window as { pressed?: string }).pressed ?? null, null);
    return await found(told, 5_000) === 'there';
  }

  private ask(what: { op: string; [field: string]: unknown }): Promise<unknown> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.host.stdin.write(`${JSON.stringify({ id, ...what })}\n`);
    });
  }

  private answered(told: { id: number; ok: unknown } | { id: number; error: string }): void {
    const asked = this.asked.get(told.id);
    this.asked.delete(told.id);
    if ('error' in told) asked?.reject(new Error(told.error));
    else asked?.resolve(told.ok);
  }

  /** The page's console, among what the toolkit has to say. */
  private heard(line: string): void {
    if (/^CONSOLE \w+ ERROR /.test(line) && !KNOWN.test(line)) this.complaints.push(line);
  }

  private end(error: Error): void {
    for (const { reject } of this.asked.values()) reject(error);
    this.asked.clear();
  }
}

/** In the page: lets the next press through to this element alone, and says whether it came to it. */
function guard(selector: string): void {
  const pressed = window as { pressed?: string };
  delete pressed.pressed;
  const element = document.querySelector(selector);
  const KINDS = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
  const look = (event: Event): void => {
    const target = event.target as Element;
    const there = element !== null && element.isConnected && (element.contains(target) || target.closest('label')?.contains(element) === true);
    if (!there) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (event.type === 'click') end(there);
    // No click follows where the press and its end are not on the same element.
    else if (event.type === 'mouseup') setTimeout(end, 0, false);
  };
  const end = (there: boolean): void => {
    for (const kind of KINDS) window.removeEventListener(kind, look, true);
    pressed.pressed ??= there ? 'there' : 'beside';
  };
  for (const kind of KINDS) window.addEventListener(kind, look, true);
}

/** As Playwright waits before it does anything. */
async function patiently<R>(find: () => Promise<R | null>, what: string): Promise<R> {
  const there = await found(find, 30_000);
  if (there === null) throw new Error(`${what} is not there, or cannot be reached`);
  return there;
}

async function found<R>(find: () => Promise<R | null>, withinMs: number): Promise<R | null> {
  for (const until = Date.now() + withinMs; Date.now() < until;) {
    const there = await find();
    if (there !== null) return there;
    await new Promise((later) => setTimeout(later, 50));
  }
  return null;
}
