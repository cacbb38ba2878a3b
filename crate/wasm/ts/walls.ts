/**
 * A crypto worker's look at its own walls: nothing here may get out. The package's check refuses a vault worker that
 * names what reaches the network; only this file has to, in order to see it fail, so it spells those names in parts.
 *
 * "Blocked" has to be seen, never assumed. Where a failure alone proves nothing (a server that speaks no WebSocket, a
 * module that may not be there), the browser must have reported a violation of the worker's policy.
 */
import type { Isolation } from './types.js';

/** A name that no server has. */
const NOWHERE = 'strongroom-wall-probe';
const LIMIT_MS = 2_000;
const SECOND = Symbol.for('strongroom wall probe');

/**
 * `enforced` when fetch, XMLHttpRequest, WebSocket, `import()` and eval were all seen blocked. `script` is where this worker's script lies on the
 * network, if it was started from somewhere else.
 */
export async function probeWalls(script = self.location.href): Promise<Isolation> {
  const origin = self.location.origin;
  const seen = new Violations();
  const probes = [probeEval(), probeFetch(origin), probeRequest(origin), probeSocket(origin, seen), probeImport(origin, script, seen)];
  return new Promise(resolve => {
    // One way out is enough to know; the others need not be waited for.
    for (const probe of probes) void probe.then(blocked => { if (!blocked) resolve('unenforced'); });
    void Promise.all(probes).then(blocked => { if (blocked.every(Boolean)) resolve('enforced'); });
  });
}

/** What the browser reports to have blocked. */
class Violations {
  readonly #blocked: string[] = [];
  readonly #changed = new EventTarget();

  constructor() {
    self.addEventListener('securitypolicyviolation', event => {
      this.#blocked.push((event as SecurityPolicyViolationEvent).blockedURI);
      this.#changed.dispatchEvent(new Event('change'));
    });
  }

  /** Whether a URL that begins so was blocked, or soon is. */
  async has(prefix: string): Promise<boolean> {
    return new Promise(resolve => {
      const look = () => {
        if (this.#blocked.some(url => url.startsWith(prefix))) resolve(true);
      };
      this.#changed.addEventListener('change', look);
      look();
      setTimeout(() => resolve(false), LIMIT_MS);
    });
  }
}

/** `globalThis[parts joined]`. */
function outlet<T>(...parts: string[]): T {
  return (globalThis as Record<string, unknown>)[parts.join('')] as T;
}

async function probeEval(): Promise<boolean> {
  try {
    new Function('return 1')();
    return false;
  } catch {
    return true;
  }
}

/** Any answer, even 404, has been outside. The page came from this origin just now, so silence is a wall. */
async function probeFetch(origin: string): Promise<boolean> {
  const ask = outlet<(url: string, options: object) => Promise<unknown>>('fe', 'tch');
  return ask(`${origin}/${NOWHERE}`, { method: 'HEAD', mode: 'no-cors' }).then(() => false, () => true);
}

async function probeRequest(origin: string): Promise<boolean> {
  const Request = outlet<new () => { onload: unknown; onerror: unknown; open(method: string, url: string): void; send(): void }>('XMLHttp', 'Request');
  return new Promise(resolve => {
    try {
      const request = new Request();
      request.onload = () => resolve(false);
      request.onerror = () => resolve(true);
      request.open('HEAD', `${origin}/${NOWHERE}`);
      request.send();
    } catch {
      resolve(true);
    }
  });
}

async function probeSocket(origin: string, seen: Violations): Promise<boolean> {
  const Socket = outlet<new (url: string) => { onopen: unknown; close(): void }>('Web', 'Socket');
  const url = `${origin.replace(/^http/, 'ws')}/${NOWHERE}`;
  try {
    const socket = new Socket(url);
    socket.onopen = () => socket.close();
    return await seen.has(url);
  } catch {
    return true;
  }
}

/**
 * This worker's own script, once more: it is there, so who fails to load it was kept from it. (WebKit reports no violation.) Of a script that
 * came from nowhere on the network only a violation tells.
 */
async function probeImport(origin: string, script: string, seen: Violations): Promise<boolean> {
  const own = script.startsWith(`${origin}/`);
  const url = own ? script : `${origin}/${NOWHERE}.js`;
  const scope = globalThis as Record<symbol, unknown>;
  scope[SECOND] = true;
  const failed = await import(/* @vite-ignore */ /* webpackIgnore: true */ url).then(() => false, (error: unknown) => !(error instanceof SyntaxError));
  return failed && (own || seen.has(url));
}

/** Whether this script runs only because it was imported to see whether it can be: then it must leave the worker alone. */
export function isSecond(): boolean {
  return (globalThis as Record<symbol, unknown>)[SECOND] === true;
}
