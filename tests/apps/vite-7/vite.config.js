import { defineConfig } from 'vite';

// The package's workers, modules and service worker have to stay files, however small.
export default defineConfig({ build: { assetsInlineLimit: 0 } });
