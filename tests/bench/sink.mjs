/** Serves the benchmark's page, and takes and gives objects, on a free port of loopback: `sink.mjs FOLDER`, made if it is not there. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [objects] = process.argv.slice(2);
await mkdir(objects, { recursive: true });

const pages = join(import.meta.dirname, 'dist');
const kinds = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

const server = createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, 'http://localhost');
    const name = basename(pathname) || 'index.html';
    if (pathname.startsWith('/objects/') && request.method === 'PUT') {
      await pipeline(request, createWriteStream(join(objects, name), { highWaterMark: 1 << 20 }));
      response.end();
      return;
    }
    const folder = pathname.startsWith('/objects/') ? objects : pages;
    const file = createReadStream(join(folder, name), { highWaterMark: 1 << 20 });
    response.setHeader('Content-Type', kinds[extname(name)] ?? 'application/octet-stream');
    await pipeline(file, response);
  } catch (error) {
    response.statusCode = error.code === 'ENOENT' ? 404 : 500;
    response.end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
