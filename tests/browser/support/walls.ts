/** Where a worker tries to get: a server that must hear nothing, the page's own origin, and a script that lies there. */
export interface Places { trap: string; own: string; script: string }

/**
 * Every way out of a worker that a browser has; each ends with what came of it, or `undecided` after a while; `self.trying`
 * names the one that is on. Runs in the worker.
 */
export function tryEverything({ trap, own, script }: Places): Promise<Record<string, string>> {
  const scope = self as unknown as Record<string, unknown> & { setTimeout(call: () => void, milliseconds?: number): void };
  const heard = (target: EventTarget, good: string): Promise<string> => new Promise((done) => {
    target.addEventListener(good, () => done('OUT'));
    target.addEventListener('error', () => done('blocked'));
  });
  const ways: Record<string, () => unknown> = {
    'fetch own origin': () => fetch(`${own}/api/v1/about`),
    'fetch another origin': () => fetch(`${trap}/fetch`, { mode: 'no-cors' }),
    'fetch keepalive': () => fetch(`${trap}/keepalive`, { mode: 'no-cors', keepalive: true, method: 'POST', body: 'x' }),
    'XMLHttpRequest': () => {
      const request = new XMLHttpRequest();
      request.open('GET', `${own}/api/v1/about`, false);
      request.send();
      return request.status;
    },
    'WebSocket': () => heard(new WebSocket(`${trap.replace('http', 'ws')}/socket`), 'open'),
    'EventSource': () => heard(new EventSource(`${trap}/events`), 'open'),
    'WebTransport': () => new (scope['WebTransport'] as new (url: string) => { ready: Promise<unknown> })(`${trap.replace('http:', 'https:')}/transport`).ready,
    'import of own origin': () => import(script),
    'import of another origin': () => import(`${trap}/import.js`),
    'import of a data URL': () => import(`data:text/javascript,export default ${1}`),
    'importScripts': () => (scope['importScripts'] as (url: string) => void)(`${trap}/script.js`),
    'a worker of its own': () => heard(new (scope['Worker'] as new (url: string) => EventTarget)(script), 'message'),
    'a blob worker': () => heard(new (scope['Worker'] as new (url: string) => EventTarget)(URL.createObjectURL(new Blob(['postMessage(1)']))), 'message'),
    'FontFace': () => new FontFace('x', `url(${trap}/font.woff)`).load(),
  };
  const text: Record<string, () => unknown> = {
    'eval': () => (0, eval)('1 + 1'),
    'Function': () => new Function('return 2')(),
  };
  const outcome = async (way: () => unknown): Promise<string> => {
    try {
      // Firefox tries a WebTransport that nobody answers for half a minute.
      const result = await Promise.race([way(), new Promise((done) => scope.setTimeout(() => done('undecided'), 15_000))]);
      return typeof result === 'string' ? result : 'OUT';
    } catch (error) {
      return `blocked: ${(error as Error).name}`;
    }
  };
  // One after the other: two of them hold the worker up, and where one stands still it can be told which.
  const all = async (): Promise<Record<string, string>> => {
    const outcomes: Record<string, string> = {};
    for (const [name, way] of Object.entries({ ...ways, ...text })) {
      scope['trying'] = name;
      outcomes[name] = await outcome(way);
    }
    return outcomes;
  };
  // From a task of its own: what the test's connection runs directly may be exempt from the policy on eval.
  return new Promise((done) => scope.setTimeout(() => done(all())));
}
