import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2023',
    // The page's policy allows no `data:` anywhere, and the workers' files must stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
