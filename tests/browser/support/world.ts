import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { expect, test as base } from '@playwright/test';

import { startBucket, type Bucket, type Make } from './buckets.ts';
import { openProfile, type Habits, type Profile } from './profile.ts';
import { Proxy } from './proxy.ts';
import { Screens } from './screens.ts';
import { startServer, type Server, type ServerOptions } from './server.ts';

/** What one test has for itself: a folder, servers, profiles; all gone when it ends. */
export class World {
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly profiles: Profile[] = [];
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'strongroom-'));
  /** Where the server keeps accounts and objects. */
  readonly data = this.path('data');

  /** A path in the test's folder, whose parent is there. */
  path(...parts: string[]): string {
    const file = path.join(this.folder, ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    return file;
  }

  /** An empty folder. */
  makeFolder(...parts: string[]): string {
    const folder = this.path(...parts);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  private readonly servers: Server[] = [];

  /** Ends every server that still runs. */
  async stopServers(): Promise<void> {
    for (const server of this.servers.splice(0)) await server.stop();
  }

  async server(options: Partial<ServerOptions> = {}): Promise<Server> {
    const server = await startServer({ data: this.data, ...options });
    this.servers.push(server);
    this.closers.push(() => server.stop());
    return server;
  }

  /** A bucket of a real S3 server. */
  async bucket(make: Make): Promise<Bucket> {
    const bucket = await startBucket(make);
    this.closers.push(() => bucket.stop());
    return bucket;
  }

  /** What else is to be done when the test ends. */
  atEnd(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  async proxy(target: string): Promise<Proxy> {
    const proxy = await Proxy.start(target);
    this.closers.push(() => proxy.away());
    return proxy;
  }

  /** Another person's browser, or the same person's if the name was used before and closed. */
  async profile(name: string, habits?: Habits): Promise<Profile> {
    const profile = await openProfile(this.path(`profile ${name}`), habits);
    this.profiles.push(profile);
    this.closers.push(() => profile.close().catch(() => undefined));
    return profile;
  }

  /** The page in a browser of its own. */
  async screens(url: string, profile: string, habits?: Habits): Promise<Screens> {
    return new Screens(await this.profile(profile, habits), url);
  }

  /** What the pages' policies had to stop, in any browser of this test. */
  get violations(): string[] {
    return this.profiles.flatMap(({ violations }) => violations);
  }

  async end(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const test = base.extend<{ world: World }>({
  world: async ({}, use, info) => {
    const world = new World();
    await use(world);
    if (info.status !== info.expectedStatus) console.log(`the test's folder was ${world.folder}`);
    await world.end();
    expect(world.violations, 'the pages\u2019 policies had nothing to stop').toEqual([]);
  },
});
export { expect } from '@playwright/test';
