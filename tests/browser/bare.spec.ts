import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { plant, SMALL } from './support/corpus.ts';
import { OfflinePage } from './support/offline.ts';
import { Objects } from './support/objects.ts';
import { program, runProgram, TOP } from './support/programs.ts';
import type { Screens } from './support/screens.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test } from './support/world.ts';
import { missingInZip } from './support/zip.ts';

test('with only a copy of the objects and the recovery phrase, the command line, the second reader and restore.html restore the vault of a browser', async ({ world }) => {
  const source = world.path('tree');
  plant(source, SMALL);
  const expected = below('tree', await treeOf(source));
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const key = await screens.create('bare', 'correct horse battery staple');
  await screens.backUp([source], 'all of it');
  const offered = await savedReader(screens, world.path('restore.html'));
  await screens.profile.close();
  await server.stop();
  const copy = world.makeFolder('copy');
  new Objects(world.data).copyTo(copy);
  const phrase = world.path('phrase');
  writeFileSync(phrase, `${key.phrase}\n`);

  await test.step('the command line', async () => {
    const target = world.path('by the command line');
    const ended = await runProgram(program('STRONGROOM_CLI'), ['restore', '--vault', copy, '--recovery-phrase-file', phrase, '--to', target]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(differences(expected, await treeOf(target), { times: 0 })).toEqual([]);
  });
  await test.step('the second reader', async () => {
    const target = world.path('by the second reader');
    const reader = path.join(TOP, 'tests/reader/strongroom_reader.py');
    const ended = await runProgram(program('STRONGROOM_PYTHON'), [reader, copy, 'restore', '--out', target, '--recovery-phrase-file', phrase]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(differences(expected, await treeOf(target), { times: 0 })).toEqual([]);
  });
  await test.step('restore.html, as the page gave it, which says that the passphrase takes the server', async () => {
    const page = await OfflinePage.open(await world.profile('offline'), offered);
    await page.chooseFolder(copy);
    await expect(page.at('way-passphrase')).toHaveCount(0);
    await expect(page.at('unlock')).toContainText('passphrase works only through its server');
    await page.unlockByPhrase(key.phrase);
    expect(missingInZip(expected, await page.download(page.at('restore-zip'), world.makeFolder('downloads')))).toEqual([]);
    page.expectAlone();
  });
});

/** What the settings offer to keep beside the recovery kit. */
async function savedReader(screens: Screens, file: string): Promise<string> {
  await screens.id('settings').click();
  const coming = screens.profile.page.waitForEvent('download');
  await screens.id('restore-page').click();
  await (await coming).saveAs(file);
  return file;
}
