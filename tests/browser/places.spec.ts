import { readFileSync, writeFileSync } from 'node:fs';

import type { Bucket, Make } from './support/buckets.ts';
import { plant, SMALL } from './support/corpus.ts';
import { strongroom } from './support/shell.ts';
import { below, differences, treeOf } from './support/tree.ts';
import { expect, test, type World } from './support/world.ts';

const PASSPHRASE = 'correct horse battery staple';

/** Creates a vault there, backs a tree up twice, restores it by passphrase and by recovery phrase, and changes the passphrase: what is not as it was. */
async function roundTrip(world: World, bucket: Bucket | undefined, place: string[]): Promise<string[]> {
  const source = world.path('tree');
  plant(source, SMALL);
  const passphrase = world.path('passphrase'), phrase = world.path('phrase');
  writeFileSync(passphrase, PASSPHRASE);
  const whole = async (...words: string[]): Promise<string> => {
    const ended = await strongroom(world, bucket, ...words);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    return ended.stdout;
  };
  await whole('init', ...place, '--passphrase-file', passphrase, '--recovery-phrase-out', phrase);
  await whole('backup', ...place, '--passphrase-file', passphrase, source);
  const again = JSON.parse(await whole('--json', 'backup', ...place, '--passphrase-file', passphrase, source)) as { filesRead: number };
  expect(again.filesRead).toBe(0);
  const found: string[] = [];
  for (const [name, secret] of [['by passphrase', ['--passphrase-file', passphrase]], ['by phrase', ['--recovery-phrase-file', phrase]]] as const) {
    const target = world.path(name);
    await whole('restore', ...place, ...secret, '--to', target);
    found.push(...differences(below('tree', await treeOf(source)), await treeOf(target), { times: 0 }));
  }
  await whole('verify', ...place, '--passphrase-file', passphrase, '--data');
  const next = world.path('next passphrase');
  writeFileSync(next, 'nine herons sleep beside Turku');
  await whole('passphrase', ...place, '--passphrase-file', passphrase, '--new-passphrase-file', next);
  await whole('snapshots', ...place, '--passphrase-file', next);
  await whole('snapshots', ...place, '--recovery-phrase-file', phrase);
  const old = await strongroom(world, bucket, 'snapshots', ...place, '--passphrase-file', passphrase);
  expect(old.code, old.stderr).toBe(4);
  writeFileSync(passphrase, 'another passphrase');
  const wrong = await strongroom(world, bucket, 'snapshots', ...place, '--passphrase-file', passphrase);
  expect(wrong.code, wrong.stderr).toBe(4);
  expect(readFileSync(phrase, 'utf8').trim().split(/\s+/)).toHaveLength(24);
  return found;
}

for (const make of ['garage', 'ceph'] satisfies Make[]) {
  test(`the command line keeps a vault in a bucket of ${make}, and restores it from there bit for bit`, async ({ world }) => {
    const bucket = await world.bucket(make);
    expect(await roundTrip(world, bucket, ['-r', 's3://bucket/some/where'])).toEqual([]);
    expect((await bucket.keys()).every((key) => key.startsWith('some/where/'))).toBe(true);
  });

  test(`the doctor says of a bucket of ${make} what it does, whether a page gets in, and what to set; and nothing of the keys`, async ({ world }) => {
    const bucket = await world.bucket(make);
    const origin = 'https://page.example';
    const examine = async (): Promise<{ code: number; report: { level: string; cors: string[]; findings: string[]; advice: { subject: string; json: string }[] } }> => {
      const ended = await strongroom(world, bucket, '--json', 'doctor', 's3://bucket/some/where', '--origin', origin, '--provider', 'garage');
      expect(ended.stdout + ended.stderr).not.toContain(bucket.secret);
      return { code: ended.code, report: JSON.parse(ended.stdout) };
    };
    const barred = await examine();
    expect(barred.code).toBe(3);
    expect(barred.report.level).toBe('tamper-evident');
    expect(barred.report.cors.join(' ')).toContain(origin);
    const printed = (subject: string): string => barred.report.advice.find((one) => one.subject === subject)!.json;
    await bucket.setCors(printed('cors'));
    expect(await bucket.setLifecycle(printed('lifecycle'))).toMatch(/<Prefix>some\/where\/<.*<DaysAfterInitiation>7</s);
    const let_in = await examine();
    expect(let_in).toMatchObject({ code: 0, report: { cors: [] } });
    expect(await bucket.keys(), 'it clears away what it made').toEqual([]);
    const keyless = await strongroom(world, { ...bucket, secret: 'wrong' }, 'doctor', 's3://bucket/some/where');
    expect(keyless.code).toBe(3);
    expect(keyless.stdout).toMatch(/cannot be used.*status 403/);
  });
}

test('keys that come with a session token and may do what the doctor’s policy says keep a vault; they erase nothing, reach nothing beside it, and are nothing without the token', async ({ world }) => {
  const bucket = await world.bucket('ceph');
  const doctor = async (keys: Bucket, place: string): Promise<{ code: number; failure?: string; findings: string[]; advice: { subject: string; json: string }[] }> => {
    const { code, stdout } = await strongroom(world, keys, '--json', 'doctor', place, '--provider', 'minio');
    return { code, ...JSON.parse(stdout) };
  };
  const all = await doctor(bucket, 's3://bucket/some/where');
  expect(all.findings.join(' ')).toContain('These keys can delete objects');
  const keys = await bucket.narrowed(all.advice.find(({ subject }) => subject === 'policy')!.json);

  expect(await roundTrip(world, keys, ['-r', 's3://bucket/some/where'])).toEqual([]);
  const narrow = await doctor(keys, 's3://bucket/some/where');
  expect(narrow.failure).toBeFalsy();
  expect(narrow.findings.join(' ')).not.toContain('can delete objects');
  for (const refused of [await doctor(keys, 's3://bucket/else/where'), await doctor({ ...keys, sessionToken: undefined }, 's3://bucket/some/where')]) {
    expect(refused).toMatchObject({ code: 3, failure: expect.stringContaining('status 403') });
  }
});

test('the command line keeps a vault at a server by sign-in, and restores it from there bit for bit', async ({ world }) => {
  const server = await world.server();
  expect(await roundTrip(world, undefined, ['--server', server.url, '--name', 'from-a-shell'])).toEqual([]);
});

test('the command line keeps a vault at a server whose objects lie in a bucket', async ({ world }) => {
  const bucket = await world.bucket('garage');
  const server = await world.server({ bucket });
  expect(await roundTrip(world, undefined, ['--server', server.url, '--name', 'from-a-shell'])).toEqual([]);
  expect((await bucket.keys()).some((key) => key.includes('/pack/'))).toBe(true);
});
