import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { startServer } from '../browser/support/server.ts';
import { Tab } from './cdp.ts';
import { usageOf } from './usage.ts';

/** In the page: what a person sees and does, waited for without polling. */
const HELPERS = `
  const find = testId => document.querySelector('[data-testid=' + testId + ']');
  const all = testId => [...document.querySelectorAll('[data-testid=' + testId + ']')];
  const id = testId => new Promise((done, failed) => {
    const look = () => {
      const problem = find('problem-message');
      if (problem) failed(new Error(problem.textContent));
      const found = find(testId);
      if (!found && !problem) return;
      observer.disconnect();
      done(found);
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    look();
  });
  const click = testId => find(testId).click();
  const fill = (input, value) => {
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };`;

/**
 * `tab.ts FIRST SECOND`: measures a tab over two versions of one folder; prints one JSON object. Run by `cargo xtask bench`.
 */
const [first, second] = process.argv.slice(2) as [string, string];
const folder = mkdtempSync(path.join(path.dirname(first), 'tab-'));
const server = await startServer({ data: path.join(folder, 'data') });
const tab = await Tab.open(path.join(folder, 'profile'), server.url);
try {
  await createVault();
  const source = path.join(folder, 'source');
  const results: Record<string, object> = {};
  renameSync(first, source);
  try {
    results['first'] = await measure(() => backUp(source));
    results['unchanged'] = await measure(() => backUp(source));
  } finally {
    renameSync(source, first);
  }
  renameSync(second, source);
  try {
    results['changed'] = await measure(() => backUp(source));
  } finally {
    renameSync(source, second);
  }
  results['restore'] = await measure(() => restore(path.join(folder, 'restored')));
  console.log(JSON.stringify({ tabPeakMB: usageOf(tab.pid).tabPeakMB, machine: os.cpus().length, results }));
} finally {
  await tab.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(work: () => Promise<number>): Promise<{ seconds: number; cpuSeconds: number }> {
  const before = usageOf(tab.pid).cpuSeconds;
  const seconds = await work();
  return { seconds, cpuSeconds: usageOf(tab.pid).cpuSeconds - before };
}

async function createVault(): Promise<void> {
  await tab.run(`(async () => {
    ${HELPERS}
    click('go-create');
    fill(await id('create-name'), 'bench');
    fill(await id('create-passphrase'), 'correct horse battery staple');
    fill(await id('create-passphrase-again'), 'correct horse battery staple');
    click('create-submit');
    await id('kit-word');
    const words = all('kit-word').map(word => word.textContent.trim());
    click('kit-continue');
    await id('rehearse-word');
    for (const input of all('rehearse-word')) fill(input, words[input.dataset.number - 1]);
    click('rehearse-submit');
    await id('drop-zone');
  })()`);
}

/** Seconds from the drop to the report. */
async function backUp(source: string): Promise<number> {
  const place = await tab.run<{ x: number; y: number }>(`(async () => {
    ${HELPERS}
    const zone = await id('drop-zone');
    zone.scrollIntoView({ block: 'center' });
    window.benchDropped = new Promise(done => zone.addEventListener('drop', () => done(performance.now()), { once: true }));
    const box = zone.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  })()`);
  await tab.drop(place.x, place.y, [source]);
  return tab.run(`(async () => {
    ${HELPERS}
    const began = await window.benchDropped;
    (await id('backup-now')).click();
    await id('report');
    const seconds = (performance.now() - began) / 1000;
    click('activity-close');
    return seconds;
  })()`);
}

/** Seconds from the click to the report, of the newest snapshot into a folder. */
async function restore(target: string): Promise<number> {
  mkdirSync(target);
  await tab.run(`(async () => {
    ${HELPERS}
    (await id('snapshot-open')).click();
    await id('restore-all-folder');
    const cover = document.createElement('div');
    Object.assign(cover.style, { position: 'fixed', inset: '0', zIndex: '2147483647' });
    cover.addEventListener('dragover', event => { event.preventDefault(); event.stopPropagation(); });
    window.benchPicked = new Promise(done => cover.addEventListener('drop', event => {
      event.preventDefault();
      event.stopPropagation();
      const handle = event.dataTransfer.items[0].getAsFileSystemHandle();
      window.showDirectoryPicker = () => handle;
      cover.remove();
      handle.then(() => done());
    }));
    document.body.append(cover);
  })()`);
  await tab.drop(300, 300, [target]);
  return tab.run(`(async () => {
    ${HELPERS}
    await window.benchPicked;
    const began = performance.now();
    click('restore-all-folder');
    await id('report');
    return (performance.now() - began) / 1000;
  })()`);
}
