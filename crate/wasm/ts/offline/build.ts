/**
 * Makes dist/restore.html: page, style, worker and module in one file. Its policy names the page's script and style by their hashes, lets
 * nothing else in, and nothing out.
 */
import { build } from 'esbuild';
import { gzipSync } from 'fflate';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const [page, worker, style] = await Promise.all(['page.ts', 'worker.ts', 'restore.css'].map(bundle)) as [string, string, string];
// Not by node's zlib, whose bytes are other ones with other versions and processors.
const module = Buffer.from(gzipSync(await readFile('dist/offline.wasm'), { level: 9, mtime: 0 })).toString('base64');

const policy = [
  `default-src 'none'`,
  `script-src '${hash(page)}' 'wasm-unsafe-eval'`,
  `style-src '${hash(style)}'`,
  'worker-src blob:',
  'img-src data:',
  `base-uri 'none'`,
  `form-action 'none'`,
  `require-trusted-types-for 'script'`,
  'trusted-types strongroom lit-html',
].join('; ');

await writeFile('dist/restore.html', `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Restore from a copy of a vault: Strongroom</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<sr-restore><p class="starting">This page is starting. If nothing more comes, this browser is too old for it: use a current Chrome, Edge, Firefox or Safari.</p></sr-restore>
<noscript><p class="noscript">This page decrypts your files in this tab, so it needs JavaScript and WebAssembly. Switch them on and open it again.</p></noscript>
<script type="text/plain" id="module">${module}</script>
<script type="text/plain" id="worker">${worker}</script>
<script>${page}</script>
</body>
</html>
`);

/** As it may stand inside of an element. */
async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`ts/offline/${file}`], bundle: true, minify: true, write: false, format: 'iife', target: 'es2022', charset: 'utf8', legalComments: 'eof', logLevel: 'warning',
  });
  const text = outputFiles[0]!.text.trim();
  return text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
