/** The page's service worker, built once everything that it keeps is there. */

import { defineConfig } from 'vite';
import { release } from './build/release.ts';

export default defineConfig({
  plugins: [release()],
  build: {
    target: 'es2023',
    emptyOutDir: false,
    copyPublicDir: false,
    // One script by itself, with an address that stays: it lies where everything that it serves is below it.
    lib: { entry: 'src/sw.ts', formats: ['iife'], name: 'worker', fileName: () => 'sw.js' },
  },
});
