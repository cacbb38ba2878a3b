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

async function zipped(): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new ZipWriter(new WritableStream({ write(part) { parts.push(part.slice()); } }));
  for (const [number, [name, { size, read }]] of files('vault/').entries()) {
    const bytes = await read(0, size);
    await zip.write({ file: number, path: name.split('/'), size: bytes.length, offset: 0, last: true }, [bytes]);
  }
  await zip.close();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

test('objects of a ZIP are listed and read in ranges, also past their end; what is not there is nothing', async () => {
  const whole = await zipped();
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

test('an entry of a ZIP that says it unpacks to more than an object may have is none', async () => {
  const zip = await zipped();
  const view = new DataView(zip.buffer);
  for (let at = 0; at + 46 < zip.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    // In the directory at the end: deflated, and a gibibyte long.
    view.setUint16(at + 10, 8, true);
    view.setUint32(at + 24, 1 << 30, true);
  }
  assert.deepEqual(await inZip(stored(zip)), []);
});

test('2,000 ZIPs with bytes that lie are refused, or give no more bytes of an object than it may have', async () => {
  const whole = await zipped();
  // The same every time: xorshift.
  let state = 1;
  const below = (end: number): number => {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) % end;
  };
  // What says where things are and how long, at its end, is changed more often than what is in it.
  const place = () => below(4) ? whole.length - 1 - below(600) : below(whole.length);
  let refused = 0, read = 0;
  for (let time = 0; time < 2_000; time++) {
    const zip = whole.slice(0, below(10) ? whole.length : below(whole.length));
    for (let change = below(3) + 1; change > 0; change--) zip.set(below(2) ? [0xff, 0xff, 0xff, 0xff] : [1 << below(8)], Math.max(0, Math.min(place(), zip.length - 4)));
    const found = await inZip(stored(zip, time % 2 === 0)).catch((error: StrongroomError) => {
      assert.equal(error.code, 'bad_request', String(error));
      refused++;
      return [];
    });
    for (const objects of found) {
      for (const kind of ['pack', 'slot']) {
        const { names, lengths } = objects.list(kind);
        assert.ok(lengths.every(length => length <= 1 << 24), `an object of ${Math.max(...lengths)} bytes`);
        // An error that is none of ours says that the object cannot be read, which is so.
        for (const name of names) read += await objects.read(`${kind}/${name}`).then(bytes => (assert.ok(bytes!.length <= 1 << 24), 1), () => 0);
      }
    }
  }
  assert.ok(refused > 200 && read > 200, `${refused} refused, ${read} objects read`);
});
