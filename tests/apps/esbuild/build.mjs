// esbuild leaves `new URL('./x', import.meta.url)` alone: the package's files are put beside the bundle.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

mkdirSync('dist', { recursive: true });
await build({ entryPoints: ['main.js'], bundle: true, minify: true, format: 'esm', outdir: 'dist', logLevel: 'warning' });
for (const file of ['vault-worker.js', 'vault.wasm', 'courier.js', 'courier.wasm', 'sw.js']) {
  copyFileSync(fileURLToPath(import.meta.resolve(`strongroom/${file}`)), `dist/${file}`);
}
copyFileSync('index.html', 'dist/index.html');
