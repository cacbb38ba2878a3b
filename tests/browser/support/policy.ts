import type { BrowserContext, Page, Worker } from '@playwright/test';

/** What the pages' and the courier's policies had to stop, a line each: nothing, unless a test does it on purpose. */
export type Violations = string[];

/** Listens in every document of a browser, in its couriers and in its service workers; workers that hold keys try their walls themselves. */
export async function watchPolicies(context: BrowserContext): Promise<Violations> {
  const violations: Violations = [];
  await context.exposeBinding('strongroomViolation', (_, line: string) => { violations.push(line); });
  await context.addInitScript(() => addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample, documentURI, sourceFile, lineNumber }) => {
    const tell = (window as unknown as { strongroomViolation(line: string): Promise<void> }).strongroomViolation;
    void tell(`${violatedDirective} stopped ${blockedURI} ${sample} in ${documentURI} (${sourceFile}:${lineNumber})`);
  }));
  const listen = (worker: Worker): void => {
    if (/vault-worker[^/]*\.js|^blob:http/.test(worker.url())) return;
    worker.on('console', (message) => { if (message.text().startsWith(WORD)) violations.push(message.text()); });
    // One that ends at once cannot be listened to.
    worker.evaluate((word) => self.addEventListener('securitypolicyviolation', (event) => {
      const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
      console.error(`${word} ${violatedDirective} stopped ${blockedURI} in ${location.href}`);
    }), WORD).catch(() => undefined);
  };
  const watch = (page: Page): void => { page.on('worker', listen); };
  context.pages().forEach(watch);
  context.on('page', watch);
  context.on('serviceworker', listen);
  return violations;
}

const WORD = 'a worker\u2019s policy:';
