import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { CHROMIUM, FLAGS, seedProfile } from '../browser/support/chromium.ts';

/**
 * A Chromium driven over a pipe by its own protocol, with nothing switched on that slows requests: a driver that listens to the
 * network copies every body.
 */
export class Tab {
  private next = 1;
  private readonly waiting = new Map<number, { done: (result: never) => void; failed: (error: Error) => void }>();
  private session?: string;

  private constructor(private readonly child: ChildProcess, private readonly out: Writable) {}

  static async open(profile: string, url: string): Promise<Tab> {
    seedProfile(profile);
    const child = spawn(CHROMIUM, [...FLAGS, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const tab = new Tab(child, child.stdio[3] as Writable);
    tab.listen(child.stdio[4] as Readable);
    const { targetInfos } = await tab.call<{ targetInfos: { targetId: string; type: string }[] }>('Target.getTargets');
    const target = targetInfos.find(({ type }) => type === 'page');
    if (!target) throw new Error('Chromium opened no page');
    tab.session = (await tab.call<{ sessionId: string }>('Target.attachToTarget', { targetId: target.targetId, flatten: true })).sessionId;
    await tab.call('Page.enable');
    await tab.call('Page.navigate', { url });
    await tab.run(`new Promise(done => { const look = () => document.querySelector('[data-testid=go-create]') ? done() : setTimeout(look, 20); look(); })`);
    return tab;
  }

  get pid(): number { return this.child.pid ?? 0; }

  call<T>(method: string, params: object = {}): Promise<T> {
    const id = this.next++;
    this.out.write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
    return new Promise<T>((done, failed) => this.waiting.set(id, { done, failed }));
  }

  /** The value of an expression in the page, awaited. */
  async run<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.call<{ result: { value: T }; exceptionDetails?: { exception?: { description?: string } } }>('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true, userGesture: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'the page threw');
    return result.value;
  }

  async drop(x: number, y: number, files: string[]): Promise<void> {
    for (const type of ['dragEnter', 'dragOver', 'drop']) await this.call('Input.dispatchDragEvent', { type, x, y, data: { items: [], files, dragOperationsMask: 1 } });
  }

  async close(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.out.write(`${JSON.stringify({ id: this.next++, method: 'Browser.close' })}\0`);
    await ended;
  }

  private listen(input: Readable): void {
    let text = '';
    input.on('data', (part: Buffer) => {
      text += part.toString();
      const messages = text.split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.hear(JSON.parse(message) as { id?: number; result?: never; error?: { message: string } });
    });
  }

  private hear({ id, result, error }: { id?: number; result?: never; error?: { message: string } }): void {
    const waiting = id === undefined ? undefined : this.waiting.get(id);
    if (id === undefined || !waiting) return;
    this.waiting.delete(id);
    if (error) waiting.failed(new Error(error.message));
    else waiting.done(result as never);
  }
}
