import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Profile } from './profile.ts';
import { TOP } from './programs.ts';
import type { World } from './world.ts';

/** A page that is not ours and uses the npm package as it was built. */
export async function embedder(world: World): Promise<Profile> {
  const www = world.makeFolder('www');
  const built = path.join(TOP, 'crate/wasm/dist');
  for (const file of readdirSync(built).filter((name) => /\.(js|wasm)$/.test(name))) copyFileSync(path.join(built, file), path.join(www, file));
  writeFileSync(path.join(www, 'index.html'), '<!doctype html><title>An app</title><body>');
  const server = await world.server({ www });
  const profile = await world.profile('embedder');
  await profile.page.goto(server.url);
  return profile;
}
