import { defineConfig } from '@playwright/test';

/** What counts the page's milliseconds, keeps two cores busy by itself, or moves the mouse of a screen, has the machine to itself. */
const ALONE = ['engines', 'huge-folder', 'lanes', 'large', 'many', 'media', 'offline-engines', 'resume', 'resume-restore', 'tree', 'walls'].map((name) => `**/${name}.spec.ts`);

/** Called by `cargo xtask test browser`, which builds everything first, says where the programs lie, and runs one project after the other. */
export default defineConfig({
  testDir: 'browser',
  outputDir: '../target/browser/results',
  // Each test has a server, a data folder and browser profiles of its own, and waits much: two files at a time keep two cores busy.
  projects: [
    { name: 'beside', testIgnore: ALONE, workers: 2 },
    { name: 'alone', testMatch: ALONE, workers: 1 },
  ],
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 20_000 },
});
