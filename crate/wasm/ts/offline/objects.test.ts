import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrongroomError } from '../errors.js';
import { ZipWriter } from '../zip.js';
import { inFolder, inZip, type Stored } from './objects.js';

const ID = '000102030405060708090a0b0c0d0e0f';
const RECOVERY = `slot/${'0'.repeat(31)}2`, PASSPHRASE = `slot/${'0'.repeat(31)}1`;
const PACK = `pack/${'ab'.repeat(32)}`;

/** The clear part of a key slot, of that kdf. */
function slot(kdf: number): Uint8Array<ArrayBuffer> {
  const preamble = new Uint8Array(4096);
  preamble[6] = kdf;
  for (let at = 0; at < 16; at++) preamble[24 + at] = at;
  return preamble;
}

const counting = Uint8Array.from({ length: 5_000 }, (_, at) => at % 251);

/** As a file, or as only the page can read it. */
function stored(bytes: Uint8Array<ArrayBuffer>, byPage = false): Stored {
  const read = async (start: number, end: number) => bytes.slice(start, end);
  return { size: bytes.length, read, ...(byPage ? {} : { file: new Blob([bytes]) }) };
}

function files(folder: string, more: [string, Uint8Array<ArrayBuffer>][] = []): [string, Stored][] {
  return [[RECOVERY, slot(0)] as const, [PACK, counting] as const, ...more].map(([name, bytes]) => [`${folder}${name}`, stored(bytes)]);
}

test('vaults are found wherever they lie in a folder, each with its id and with what opens it', async () => {
  const found = inFolder([
    ...files(''), ...files(`deep/down/${ID}/`, [[PASSPHRASE, slot(1)]]), ...files('from a server/', [[PASSPHRASE, slot(2)]]),
    ['letters/pack/notes.txt', stored(counting)],
  ]);
  const vaults = await Promise.all(found.map(each => each.describe()));
  assert.deepEqual(vaults.map(vault => [vault?.id, vault?.passphrase, vault?.objects]), [[ID, 'none', 2], [ID, 'here', 3], [ID, 'broker', 3]]);
});

test('a copy without key slots is none that can be opened', async () => {
  const [only] = inFolder([[PACK, stored(counting)]]);
  assert.equal(await only!.describe(), undefined);
});

test('objects of a ZIP are listed and read in ranges, also past their end; what is not there is nothing', async () => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter(new WritableStream({ write(part) { parts.push(part.slice()); } }));
  for (const [number, [name, { size, read }]] of files('vault/').entries()) {
    const bytes = await read(0, size);
    await zip.write({ file: number, path: name.split('/'), size: bytes.length, offset: 0, last: true }, [bytes]);
  }
  await zip.close();
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  for (const byPage of [false, true]) {
    const [objects] = await inZip(stored(whole, byPage));
    assert.deepEqual(objects!.list('pack'), { names: ['ab'.repeat(32)], lengths: Float64Array.of(5_000) });
    assert.deepEqual(await objects!.read(PACK), counting);
    assert.deepEqual(await objects!.read(PACK, 1_000, 500), counting.slice(1_000, 1_500));
    assert.deepEqual(await objects!.read(PACK, 4_900, 500), counting.slice(4_900));
    assert.equal(await objects!.read(`pack/${'cd'.repeat(32)}`), undefined);
  }
});

test('a file that is no ZIP is refused with a sentence that says what to do', async () => {
  await assert.rejects(inZip(stored(new TextEncoder().encode('no zip'))), (error: StrongroomError) => error.code === 'bad_request' && error.message.includes('unpack it and choose the folder'));
});
