import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { plantFile } from '../browser/support/corpus.ts';
import { embedder } from '../browser/support/embedder.ts';
import { Objects } from '../browser/support/objects.ts';
import { drop } from '../browser/support/profile.ts';
import { TOP } from '../browser/support/programs.ts';
import { expect, test } from '../browser/support/world.ts';
import { shoot } from './camera.ts';

test('the ready-made elements in Arabic, from right to left', async ({ world }) => {
  const source = world.path('صور الصيف');
  for (const name of ['البحر/IMG_4001 (نسخة).jpg', 'البحر/IMG_4002.jpg', 'رسالة إلى ليلى.txt', 'Rechnung 2024-07 (final).pdf', '‏ملاحظات 12.md']) {
    mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
    writeFileSync(path.join(source, name), 'مرحبا\n'.repeat(900));
  }
  plantFile(path.join(source, 'فيلم.mp4'), 40_000_000);
  const profile = await embedder(world);
  const { page } = profile;
  copyFileSync(path.join(TOP, 'tests/examples/element.html'), world.path('www', 'element.html'));
  const proxy = await world.proxy(new URL(page.url()).origin);
  await page.goto(`${proxy.url}/element.html`);
  await page.evaluate(() => Object.assign(document.documentElement, { lang: 'ar', dir: 'rtl' }));
  const picture = (name: string) => shoot(page, `element-arabic-${name}`);
  const at = (selector: string) => page.locator(selector);
  await at('.other').waitFor();
  await picture('unlock');

  await at('.other').click();
  await at('[name=username]').fill('layla');
  for (const name of ['passphrase', 'again']) await at(`[name=${name}]`).fill('seven lanterns drift over Oslo');
  await picture('create');
  await at('form .primary').click();
  await at('.words').waitFor();
  const words = await at('.words li').allInnerTexts();
  await picture('words');
  await at('.saved').click();
  const [first, ...others] = await at('[data-number]').all();
  for (const input of others) await input.fill(words[Number(await input.getAttribute('data-number')) - 1]!);
  await first!.fill('zoo');
  await at('form .primary').click();
  await at('.advice').waitFor();
  await picture('another-word');
  await first!.fill(words[Number(await first!.getAttribute('data-number')) - 1]!);
  await at('form .primary').click();

  await at('.zone').waitFor();
  await picture('empty');
  await drop(profile, at('strongroom-backup'), [source]);
  await at('.plan[data-whole=true]').waitFor();
  await picture('plan');
  proxy.fate = ({ method, url }) => (method === 'PUT' && url.includes('/pack/') ? { status: 503 } : 'pass');
  await at('.plan .primary').click();
  await at('.run[data-stage=waiting]').waitFor();
  await picture('waiting');
  proxy.fate = () => 'pass';
  await at('strongroom-backup .report').waitFor();
  await picture('backed-up');

  await at('.row').first().click();
  await expect(at('.row')).toHaveCount(6);
  await at('.row[data-kind=folder]').nth(1).click();
  await expect(at('.row')).toHaveCount(8);
  await at('.row').nth(2).locator('.tick').click();
  await picture('tree');
  await at('.search').fill('IMG');
  await expect(at('.row')).toHaveCount(2);
  await picture('search');
  await at('.search').fill('');
  await expect(at('.row')).toHaveCount(8);
  await at('.row').nth(2).locator('.tick').click();
  const objects = new Objects(world.data);
  for (const name of objects.names('pack')) if (objects.size('pack', name) === 16 << 20) objects.flip('pack', name, (length) => length >> 1);
  await at('strongroom-restore .primary').click();
  await at('strongroom-restore .report').waitFor();
  await picture('damaged');
});
