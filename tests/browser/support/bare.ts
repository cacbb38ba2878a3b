import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import type { World } from './world.ts';

const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/** A server of files that sends none of our headers, as most do; its address. `page` is there instead of a folder's own `index.html`. */
export async function serveBare(world: World, folder: string, page?: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://bare').pathname);
    const file = path.join(folder, path.normalize(name === '/' ? '/index.html' : name));
    try {
      const bytes = name === '/' && page !== undefined ? page : await readFile(file);
      response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  world.atEnd(() => new Promise((done) => server.close(() => done()).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
