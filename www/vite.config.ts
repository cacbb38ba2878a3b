import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2023',
    // The page's policy allows no `data:` anywhere, and the package's files must stay files: they are emitted unchanged, as
    // `assets/vault-worker-….js`, `assets/courier-….js` and so on. The server gives the workers their own policies by these names.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `new URL('./vault.wasm', import.meta.url)` must keep pointing beside the package's own files.
  optimizeDeps: { exclude: ['strongroom'] },
});
