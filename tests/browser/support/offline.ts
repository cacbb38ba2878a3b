import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, type Locator } from '@playwright/test';

import type { Profile } from './profile.ts';
import { program, runProgram, TOP } from './programs.ts';
import type { World } from './world.ts';

export const PASSPHRASE = 'correct horse battery staple';

/** As the package has it. */
export const RESTORE_PAGE = path.join(TOP, 'crate/wasm/dist/restore.html');

/** A vault that the command line made in a folder; its recovery phrase. */
export async function makeVault(world: World, vault: string, source: string): Promise<string> {
  const [secret, phrase] = [world.path('passphrase'), world.path('phrase')];
  writeFileSync(secret, `${PASSPHRASE}\n`);
  for (const words of [['init', '--recovery-phrase-out', phrase], ['backup', source]]) {
    const [command, ...rest] = words as [string, ...string[]];
    const ended = await runProgram(program('STRONGROOM_CLI'), [command, '--vault', vault, '--passphrase-file', secret, ...rest]);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  }
  return readFileSync(phrase, 'utf8').trim();
}

/** The same vault as one ZIP. */
export async function packVault(world: World, vault: string): Promise<string> {
  const zip = world.path('vault.zip');
  const packed = await runProgram(program('STRONGROOM_PYTHON'), ['-m', 'zipfile', '-c', zip, vault]);
  expect(packed, packed.stderr).toMatchObject({ code: 0 });
  return zip;
}

/** What a page must not be able to do, tried in it: what became of each. `markup` only where the browser has Trusted Types. */
export async function attempts(url: string): Promise<Record<string, string>> {
  const heard = (target: EventTarget, good: string): Promise<unknown> => new Promise((resolve, reject) => {
    target.addEventListener(good, resolve);
    for (const bad of ['error', 'close']) target.addEventListener(bad, reject);
  });
  const ways: Record<string, () => unknown> = {
    fetch: () => fetch(`${url}/fetch`),
    picture: () => heard(Object.assign(new Image(), { src: `${url}/a.png` }), 'load'),
    socket: () => heard(new WebSocket(url.replace('http', 'ws')), 'open'),
    // In a task of its own: what the test's connection runs itself may be exempt.
    eval: () => new Promise((resolve, reject) => setTimeout(() => {
      try {
        resolve((0, eval)('1'));
      } catch (error) {
        reject(error);
      }
    })),
    worker: () => heard(new Worker('data:text/javascript,postMessage(1)'), 'message'),
  };
  if ('trustedTypes' in window) ways['markup'] = () => { document.createElement('div').innerHTML = '<b>'; };
  const came: Record<string, string> = {};
  for (const [name, way] of Object.entries(ways)) came[name] = await Promise.resolve().then(way).then(() => 'done', () => 'refused');
  return came;
}

/** restore.html in a browser, and what it asked of the world. */
export class OfflinePage {
  /** Every address but those of the file itself and of its own worker. */
  readonly asked: string[] = [];

  private constructor(readonly profile: Profile) {}

  static async open(profile: Profile, file = RESTORE_PAGE): Promise<OfflinePage> {
    const page = new OfflinePage(profile);
    const own = pathToFileURL(file).href;
    profile.context.on('request', (request) => {
      if (request.url() !== own && !/^(blob|data):/.test(request.url())) page.asked.push(request.url());
    });
    await profile.page.goto(own);
    await page.at('zone').waitFor();
    return page;
  }

  at(testId: string): Locator { return this.profile.page.getByTestId(testId); }

  async chooseFolder(folder: string): Promise<void> {
    await this.at('folder').setInputFiles(folder);
    await this.at('unlock').waitFor();
  }

  async chooseZip(file: string): Promise<void> {
    await this.at('zip').setInputFiles(file);
    await this.at('unlock').waitFor();
  }

  async unlockByPhrase(words: string): Promise<void> {
    await this.at('phrase').fill(words);
    await this.at('open').click();
    await this.at('browser').waitFor();
  }

  async unlockByPassphrase(passphrase: string): Promise<void> {
    await this.at('way-passphrase').check();
    await this.at('passphrase').fill(passphrase);
    await this.at('open').click();
  }

  /** An entry of the folder that is shown. */
  row(name: string): Locator { return this.at('entries').locator(`li[data-name=${JSON.stringify(name)}]`); }

  /** What a button restores into one file. */
  async download(button: Locator, folder: string): Promise<string> {
    const coming = this.profile.page.waitForEvent('download');
    await button.click();
    const download = await coming;
    const file = path.join(folder, download.suggestedFilename());
    await download.saveAs(file);
    await this.at('report').waitFor();
    return file;
  }

  /** Paths of what could not be restored. */
  async damaged(): Promise<string[]> { return this.at('damaged').locator('li bdi').allTextContents(); }

  /** It asked nobody, and did nothing that its policy forbids. */
  expectAlone(): void {
    expect(this.asked).toEqual([]);
    expect(this.profile.complaints).toEqual([]);
  }
}
