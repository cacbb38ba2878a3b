import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { World } from './world.ts';

/** A server that nothing may reach: what came there all the same. */
export async function listening(world: World): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((request, answer) => {
    heard.push(request.url ?? '');
    answer.end('export default 1');
  });
  server.on('upgrade', (request, socket) => {
    heard.push(request.url ?? '');
    socket.destroy();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  world.atEnd(() => new Promise((closed) => server.close(() => closed()).closeAllConnections()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}
