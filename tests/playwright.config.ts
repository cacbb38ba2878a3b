import { defineConfig } from '@playwright/test';

/** Called by `cargo xtask test browser`, which builds everything first and says where the programs lie. */
export default defineConfig({
  testDir: 'browser',
  outputDir: '../target/browser/results',
  // Each test has a server, a data folder and browser profiles of its own; two at a time would only share two cores.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 20_000 },
});
