import { defineConfig } from '@playwright/test';

/** Called by `cargo xtask soak package`, which builds the apps and says where they lie. */
export default defineConfig({
  testDir: 'soak',
  outputDir: '../target/soak/results',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 20_000 },
});
