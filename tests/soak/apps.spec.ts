import path from 'node:path';

import { serveBare } from '../browser/support/bare.ts';
import { program } from '../browser/support/programs.ts';
import { expect, test } from '../browser/support/world.ts';

/** tests/apps/journey.js */
type Journey = (passphrase: string) => Promise<Record<string, unknown>>;

for (const app of ['vite-7', 'webpack-5', 'esbuild', 'next']) {
  test(`an app by ${app} backs up and restores every byte, with walls around the keys although its server sends none of our headers`, async ({ world }) => {
    const url = await serveBare(world, path.join(program('STRONGROOM_APPS'), app, 'dist'));
    const { page, complaints } = await world.profile(app);
    await page.goto(url);
    await page.waitForFunction(() => 'journey' in window);
    const came = await page.evaluate(() => (window as unknown as { journey: Journey }).journey('correct horse battery staple'));
    expect(came).toEqual({ isolation: 'enforced', files: 2, damaged: 0, text: 'dear reader', same: true });
    expect(complaints).toEqual([]);
  });
}
