import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import { plant, SMALL } from '../browser/support/corpus.ts';
import { makeVault, OfflinePage } from '../browser/support/offline.ts';
import { test } from '../browser/support/world.ts';
import { shoot } from './camera.ts';

test('restore.html: choosing, unlocking, browsing, and a restore of a damaged copy', async ({ world }) => {
  const [source, vault] = [world.path('Documents'), world.path('vault')];
  plant(source, { ...SMALL, big: 30_000_000 });
  const phrase = await makeVault(world, vault, source);
  const page = await OfflinePage.open(await world.profile('offline'));
  const picture = (name: string) => shoot(page.profile.page, `restore-page-${name}`);
  await picture('choose');
  const packs = readdirSync(vault).map((id) => path.join(vault, id, 'pack')).flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)));
  rmSync(packs.find((file) => statSync(file).size === 16 << 20)!);
  await page.chooseFolder(vault);
  await picture('unlock');
  await page.at('phrase').fill('zoo');
  await page.at('open').click();
  await page.at('failure').waitFor();
  await picture('wrong-phrase');
  await page.unlockByPhrase(phrase);
  await page.row('Documents').getByRole('button').click();
  await page.row('video.bin').getByRole('checkbox').check();
  await picture('browse');
  await page.download(page.at('restore-zip'), world.makeFolder('downloads'));
  await picture('damaged');
});
