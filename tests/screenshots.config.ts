import { defineConfig } from '@playwright/test';

/** Called by `cargo xtask screenshots`, which builds everything first and says where the pictures go. */
export default defineConfig({
  testDir: 'screenshots',
  outputDir: '../target/screenshots/results',
  workers: 1,
  retries: 0,
  timeout: 540_000,
  expect: { timeout: 20_000 },
});
