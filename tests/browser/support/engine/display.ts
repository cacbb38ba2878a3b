import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

import type { World } from '../world.ts';
import { ENGINES } from './place.ts';

const run = promisify(execFile);

/** A place on the screen. */
export interface Point { x: number; y: number }

/** Where the window stands out of which things are dragged: beside the pages, which end above it. */
const SOURCE: Point = { x: 40, y: 960 };
/** Steps of a drag: a browser that hears of one only sees nothing come. */
const STEPS = 8;

/** A screen of its own with a mouse that a test moves. */
export class Display {
  private constructor(readonly env: NodeJS.ProcessEnv) {}

  /** Ends with the test. */
  static async start(world: World): Promise<Display> {
    // It takes the first number that is free, and says which.
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1020x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    world.atEnd(async () => {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    });
    const [number] = await once(createInterface(server.stdio[3] as Readable), 'line') as [string];
    const home = world.makeFolder('display home');
    return new Display({
      ...process.env, DISPLAY: `:${number}`, HOME: home, XDG_RUNTIME_DIR: home, GDK_BACKEND: 'x11', MOZ_ENABLE_WAYLAND: '0', NO_AT_BRIDGE: '1', LIBGL_ALWAYS_SOFTWARE: '1',
    });
  }

  async click(at: Point): Promise<void> {
    await this.#mouse(['mousemove', ...words(at), 'click', '1']);
  }

  /** Another program's window hands these over, and a hand moves them there. */
  async drag(paths: string[], to: Point): Promise<void> {
    const source = spawn('/usr/bin/python3', [path.join(ENGINES, 'drag_source.py'), ...words(SOURCE), ...paths], { env: this.env, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(source.stdout)[Symbol.asyncIterator]();
    const told = async (word: string): Promise<void> => {
      const { value, done } = await lines.next();
      if (done || value !== word) throw new Error(`the window that is dragged from says ${String(value)}, not ${word}`);
    };
    try {
      await told('up');
      const from = { x: SOURCE.x + 20, y: SOURCE.y + 20 };
      await this.#mouse(['mousemove', ...words(from), 'mousedown', '1']);
      const steps = Array.from({ length: STEPS }, (_, at) => {
        const part = (at + 1) / STEPS;
        return ['mousemove', ...words({ x: Math.round(from.x + (to.x - from.x) * part), y: Math.round(from.y + (to.y - from.y) * part) })];
      });
      for (const step of steps) await this.#mouse(step);
      await told('begin');
      for (const step of [{ x: to.x + 2, y: to.y + 2 }, to]) await this.#mouse(['mousemove', ...words(step)]);
      await this.#mouse(['mouseup', '1']);
      await told('end');
    } finally {
      source.kill();
    }
  }

  async #mouse(say: string[]): Promise<void> {
    await run('xdotool', say, { env: this.env });
  }
}

function words({ x, y }: Point): string[] {
  return [String(x), String(y)];
}
