// An app with backups into its own bucket: `node app.mjs FOLDER` serves index.html beside this, the package's files in FOLDER, and its back end.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

import { backEnd } from './back-end.mjs';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const page = new URL('index.html', import.meta.url);

const server = createServer(async (request, response) => {
  // Yours: whom the app's own cookie names.
  const user = 'ana';
  if (request.method === 'POST') return backEnd(user, request, response);
  const name = path.basename(request.url);
  try {
    const bytes = await readFile(name === '' ? page : path.join(process.argv[2], name));
    response.writeHead(200, { 'content-type': TYPES[path.extname(name) || '.html'] ?? 'application/octet-stream' }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
