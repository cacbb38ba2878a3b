import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { pdf, wav } from '../browser/support/documents.ts';
import { answerPicker } from '../browser/support/profile.ts';
import { TOP } from '../browser/support/programs.ts';
import { expect, test } from '../browser/support/world.ts';
import { shoot } from './camera.ts';

/** A page of somebody's notes, in two states. */
const PLAN = '# Summer in the Alps\n\n- Book the hut above the lake\n- Two nights in the valley\n- Maps, 1:25,000\n';

test('the screens of finding and restoring are drawn', async ({ world }) => {
  const source = world.path('Documents');
  const put = (name: string, content: string | Buffer): void => {
    mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
    writeFileSync(path.join(source, name), content);
  };
  for (const [folder, count] of [['Invoices/2024', 9], ['Invoices/2025', 7], ['Letters', 120], ['Photos/Alps', 14]] as const) {
    for (let number = 1; number <= count; number++) put(`${folder}/${folder.split('/').at(-1)} ${String(number).padStart(3, '0')}.txt`, `number ${number}\n`.repeat(number * 40));
  }
  put('plan.md', PLAN);
  put('Projects/format.rs', readFileSync(path.join(TOP, 'crate/core/src/search.rs')));
  put('figures.pdf', pdf(3));
  put('birds.wav', wav(20));
  put('mark.svg', readFileSync(path.join(TOP, 'www/public/favicon.svg')));
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;
  page.setDefaultTimeout(20_000);
  await screens.create('ana', 'correct horse battery staple');
  for (let version = 1; version <= 4; version++) {
    put('plan.md', PLAN + '- Ask Mira for her tent\n'.repeat(version));
    if (version === 4) put('sunrise.png', await page.screenshot({ clip: { x: 0, y: 0, width: 900, height: 420 } }));
    await screens.backUp([source]);
  }
  await shoot(page, '08-vault-time');
  await screens.openSnapshot();
  await screens.id('entry-open').click();
  await expect(screens.id('entries')).toHaveAttribute('data-path', 'Documents');
  await page.locator('[data-testid="entry"][data-name="Invoices"] [data-testid="entry-unfold"]').click();
  await page.locator('[data-testid="entry"][data-name="2025"] [data-testid="entry-unfold"]').click();
  await expect(page.locator('[data-testid="entry"][data-name="2025 003.txt"]')).toBeVisible();
  await page.locator('[data-testid="entry"][data-name="2025 002.txt"] [data-testid="entry-select"]').check();
  await page.locator('[data-testid="entry"][data-name="2024"] [data-testid="entry-select"]').check();
  await shoot(page, '11-tree');
  await screens.id('find').fill('2025 00');
  await expect(screens.id('find-state')).toHaveAttribute('data-state', 'whole');
  await shoot(page, '12-search');
  await screens.id('find').fill('');
  await page.locator('[data-testid="entry"][data-name="Invoices"] [data-testid="entry-unfold"]').click();
  for (const [name, kind, number] of [['plan.md', 'text', '13'], ['sunrise.png', 'picture', '14'], ['figures.pdf', 'pdf', '14'], ['birds.wav', 'sound', '14']] as const) {
    await page.locator(`[data-testid="entry"][data-name="${name}"] [data-testid="entry-look"]`).click();
    await expect(screens.id('preview')).toHaveAttribute('data-kind', kind);
    await expect(screens.id('versions')).toBeVisible();
    if (kind === 'pdf') await expect(screens.id('preview-pdf')).toHaveAttribute('data-drawn', '1');
    if (kind === 'sound') await expect.poll(() => screens.id('preview-sound').evaluate((sound: HTMLAudioElement) => sound.duration)).toBeGreaterThan(1);
    await shoot(page, `${number}-file-${kind}`);
    await screens.id('file-close').click();
  }
  await page.locator('[data-testid="entry"][data-name="Projects"] [data-testid="entry-unfold"]').click();
  await page.locator('[data-testid="entry"][data-name="format.rs"] [data-testid="entry-look"]').click();
  await expect(screens.id('preview')).toHaveAttribute('data-kind', 'text');
  await shoot(page, '15-file-code');
  await screens.id('file-close').click();
  await answerPicker(screens.profile, world.makeFolder('restored'));
  await screens.id('restore-selection-folder').click();
  await screens.phase('done', 60_000);
  await shoot(page, '16-restored');
});
