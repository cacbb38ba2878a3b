import { readFileSync } from 'node:fs';

import { expect, test } from './support/world.ts';

test('a first visit with the six offered words: nothing goes before they are saved, the kit is a file with every word, and they unlock the vault again', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  const { page } = screens;
  await screens.open();
  await screens.id('go-create').click();
  await expect(screens.id('create-name')).toBeFocused();
  await page.keyboard.type('Ana Müller');
  await expect(screens.id('create-full-name')).toHaveText(/^ana-muller-[2-9a-z]{4}$/);
  const name = await screens.id('create-full-name').innerText();
  const words = (await screens.id('create-offer').innerText()).trim();
  expect(words.split(' ')).toHaveLength(6);
  await screens.id('create-offer-another').click();
  await expect(screens.id('create-offer')).not.toHaveText(words);
  const passphrase = (await screens.id('create-offer').innerText()).trim();

  await screens.id('create-submit').click();
  await expect(screens.id('create-advice')).toHaveText(/Write the six words down/);
  await expect(screens.id('create-saved')).toBeFocused();
  await page.keyboard.press('Space');
  await screens.id('create-submit').click();
  await screens.onScreen('kit', 60_000);

  const phrase = (await screens.id('kit-word').allInnerTexts()).map((word) => word.trim());
  await expect(screens.id('kit-qr')).toBeVisible();
  const downloading = page.waitForEvent('download');
  await screens.id('kit-download').click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`strongroom-${name}.html`);
  const file = readFileSync(await download.path(), 'utf8');
  expect([...file.matchAll(/<li>([a-z]+)<\/li>/g)].map(([, word]) => word)).toEqual(phrase);
  expect(file).toContain(name);
  expect(file).toContain(server.url);
  expect(file).not.toContain(passphrase);

  const paper = (await page.pdf({ format: 'A4' })).toString('latin1');
  expect([...paper.matchAll(/\/Type\s*\/Page\b/g)], 'the kit prints on one sheet').toHaveLength(1);

  await screens.id('kit-continue').click();
  await screens.onScreen('rehearse');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await expect(screens.id('rehearse-wrong')).toHaveText(/do not match the kit/);
  for (const input of await screens.id('rehearse-word').all()) await input.fill(` ${phrase[Number(await input.getAttribute('data-number')) - 1]?.toUpperCase()} `);
  await page.keyboard.press('Enter');
  await screens.onScreen('vault');
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toMatch(new RegExp([passphrase, ...phrase].join('|')));

  await screens.id('lock').click();
  await screens.onScreen('unlock');
  await expect(screens.id('unlock-name')).toHaveValue(name);
  await expect(screens.id('unlock-passphrase')).toBeFocused();
  await page.keyboard.type(passphrase);
  await page.keyboard.press('Enter');
  await screens.onScreen('vault', 60_000);
  await screens.id('lock').click();
  await screens.unlockByPhrase({ name, phrase: `1. ${phrase.join('\n')}` });
});

test('a passphrase of one’s own is rated while it is typed, and one that is easy to guess, or typed differently the second time, makes no vault', async ({ world }) => {
  const server = await world.server();
  const screens = await world.screens(server.url, 'here');
  await screens.open();
  await screens.id('go-create').click();
  await screens.id('create-name').fill('ben');
  await screens.id('create-way-own').check();
  await screens.id('create-passphrase').fill('password1234');
  await screens.id('create-passphrase-again').fill('password1234');
  await expect(screens.id('create-strength')).toHaveAttribute('data-score', /^[0-2]$/);
  await screens.id('create-submit').click();
  await expect(screens.id('create-advice')).toHaveText(/too easy to guess/);
  await expect(screens.id('create-passphrase')).toBeFocused();
  await screens.id('create-passphrase').fill('seven lanterns drift over Oslo');
  await expect(screens.id('create-strength')).toHaveAttribute('data-score', '4');
  await screens.id('create-submit').click();
  await expect(screens.id('create-advice')).toHaveText(/differ/);
  await expect(screens.id('create-passphrase-again')).toBeFocused();
  await expect(screens.id('app')).toHaveAttribute('data-screen', 'create');
});
