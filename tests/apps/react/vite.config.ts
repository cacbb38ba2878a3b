import { defineConfig } from 'vite';

export default defineConfig({
  // The package's workers, modules and service worker have to stay files, however small.
  build: { assetsInlineLimit: 0 },
  // For `vite dev`: beside the package's own files they are found.
  optimizeDeps: { exclude: ['strongroom'] },
});
