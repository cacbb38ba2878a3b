import { readdirSync } from 'node:fs';
import path from 'node:path';

import { plantFile } from './support/corpus.ts';
import { program } from './support/programs.ts';
import { treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

const PASSPHRASE = 'correct horse battery staple';
const LONG = { timeout: 60_000 };

test('a React app that Vite 8 has built with the installed package creates a vault at a server, backs up what is chosen, unlocks it after a reload and restores every byte', async ({ world }) => {
  const source = world.makeFolder('source');
  plantFile(path.join(source, 'letter.txt'), 12_345, 'letter');
  plantFile(path.join(source, 'large.bin'), 5_000_000, 'large');
  const server = await world.server({ www: path.join(program('STRONGROOM_APPS'), 'react/dist') });
  const { page, complaints } = await world.profile('react');
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const enter = async (): Promise<void> => {
    await page.getByLabel('Name of the vault').fill('in-react');
    await page.getByLabel('Passphrase').fill(PASSPHRASE);
  };
  await page.goto(server.url);
  await enter();
  await button('Create it').click();
  await expect(page.getByRole('listitem')).toHaveCount(24, LONG);
  await button('They are written down').click();
  await expect(page.getByText('Walls around the keys: enforced')).toBeVisible();
  await page.getByLabel('Back up').setInputFiles(readdirSync(source).map((name) => path.join(source, name)));
  await expect(page.getByRole('status')).toHaveText('2 files backed up, 0 left out', LONG);
  await expect(page.getByRole('listitem')).toHaveCount(1);
  await button('Lock').click();

  await page.reload();
  await enter();
  await button('Unlock it').click();
  await expect(page.getByRole('listitem')).toHaveCount(1, LONG);
  const downloading = page.waitForEvent('download');
  await button('Restore').click();
  const file = world.path('restored.zip');
  await (await downloading).saveAs(file);
  await expect(page.getByRole('status')).toHaveText('2 files restored, 0 damaged', LONG);
  expect(missingInZip(await treeOf(source), file)).toEqual([]);
  expect(complaints).toEqual([]);
});
