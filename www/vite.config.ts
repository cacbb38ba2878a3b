import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig, type Plugin } from 'vite';

/** The package's service worker at the root, so that its scope is the whole page; unchanged. */
function serviceWorker(): Plugin {
  const source = () => readFileSync(createRequire(import.meta.url).resolve('strongroom/sw.js'), 'utf8');
  return {
    name: 'strongroom-service-worker',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: source() });
    },
    configureServer({ middlewares }) {
      middlewares.use('/sw.js', (_request, response) => {
        response.setHeader('content-type', 'text/javascript').end(source());
      });
    },
  };
}

export default defineConfig({
  plugins: [serviceWorker()],
  build: {
    target: 'es2023',
    // The page's policy allows no `data:` anywhere, and the workers' files must stay files. They are emitted unchanged, as
    // `assets/vault-worker-….js` and `assets/courier-….js`: the server gives them their own policies by these names.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `new URL('./vault.wasm', import.meta.url)` must keep pointing beside the package's own files.
  optimizeDeps: { exclude: ['strongroom'] },
});
