/** Many files as one streamed ZIP: stored, not compressed, with names in UTF-8, and ZIP64 where it is needed. */
import { createCRC32, type IHasher } from 'hash-wasm';
import { StrongroomError } from './errors.js';
import { letGo } from './freed.js';
import { Gathered } from './gathered.js';
import type { SinkPart } from './messages.js';
import { zipPath } from './names.js';
import { Packed } from './packed.js';
import type { Writer } from './sinks.js';
import { BEYOND, EARLIEST, LATEST, centralHeader, descriptor, end, localHeader, type ZipEntry } from './zip-records.js';

export class ZipWriter implements Writer {
  readonly #out: Gathered;
  readonly #central = new Packed();
  readonly #checksum: Promise<IHasher> = createCRC32();
  /** The file that is being written. */
  #open: { number: number; entry: ZipEntry } | undefined;
  #offset = 0;
  /** Everything so far: calls come without waiting for each other, and are done in order. */
  #last: Promise<void> = Promise.resolve();
  #changed = 0;
  #undated = 0;

  constructor(stream: WritableStream<Uint8Array>) {
    this.#out = new Gathered(stream);
  }

  async folder(path: string[], mtime?: number): Promise<void> {
    if (path.length === 0) return;
    const entry = this.#entry([...path, ''], mtime);
    return this.#next(async () => {
      entry.at = this.#offset;
      await this.#put(localHeader(entry));
      this.#central.push(centralHeader(entry));
    });
  }

  async write(part: SinkPart, pieces: Uint8Array[]): Promise<void> {
    const begun = part.offset === 0 ? this.#entry(part.path, part.mtime) : undefined;
    return this.#next(async () => {
      if (begun) await this.#begin(part, begun, pieces);
      else if (this.#open?.number !== part.file) throw new StrongroomError('internal', 'A bug stopped the restore: files are mixed up. Please report this.');
      else await this.#count(this.#open.entry, pieces);
      for (const piece of pieces) await this.#put(piece);
      if (part.last) await this.#end();
    });
  }

  async discard(file: number): Promise<void> {
    // A ZIP is written in one go: what came of the file stays in it, and the report names the file.
    return this.#next(async () => { if (this.#open?.number === file) await this.#end(); });
  }

  async close(): Promise<string[]> {
    await this.#next(async () => {
      const start = this.#offset;
      for (const part of this.#central.parts()) await this.#put(part);
      await this.#put(end(this.#central.count, start, this.#offset - start));
      await this.#out.close();
    });
    const notes = ['A ZIP keeps times in whole seconds.'];
    if (this.#undated > 0) notes.push(`${this.#undated} times could not be kept: they are not known, or beyond what a ZIP can say.`);
    if (this.#changed > 0) notes.push(`${this.#changed} names were changed so that no program mistakes them for another folder.`);
    return notes;
  }

  async abort(reason: unknown): Promise<void> {
    await this.#out.abort(reason);
  }

  /** Once something failed, nothing after it is tried. */
  async #next(step: () => Promise<void>): Promise<void> {
    return this.#last = this.#last.then(step);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.length;
    await this.#out.put(bytes);
  }

  async #begin({ file, size, last }: SinkPart, entry: ZipEntry, pieces: Uint8Array[]): Promise<void> {
    (await this.#checksum).init();
    // A file that is here in whole is counted before its header; of a longer one all that stands there is that the rest comes after it.
    entry.streamed = !last;
    entry.large = size >= BEYOND;
    if (last) await this.#count(entry, pieces);
    entry.at = this.#offset;
    this.#open = { number: file, entry };
    await this.#put(localHeader(entry));
    if (!last) await this.#count(entry, pieces);
  }

  async #count(entry: ZipEntry, pieces: Uint8Array[]): Promise<void> {
    const checksum = await this.#checksum;
    for (const piece of pieces) {
      checksum.update(piece);
      entry.size += piece.length;
    }
    if (!entry.streamed) entry.crc = parseInt(checksum.digest(), 16);
  }

  async #end(): Promise<void> {
    const entry = this.#open!.entry;
    this.#open = undefined;
    if (entry.streamed) {
      entry.crc = parseInt((await this.#checksum).digest(), 16);
      await this.#put(descriptor(entry));
    }
    this.#central.push(centralHeader(entry));
    // Its messages and buffers are the browser's objects, too.
    letGo();
  }

  #entry(path: string[], mtime: number | undefined): ZipEntry {
    const name = zipPath(path);
    if (name !== path.join('/')) this.#changed++;
    const bytes = new TextEncoder().encode(name);
    if (bytes.length > 0xffff) throw new StrongroomError('sink_failed', 'This path is too long for a ZIP. Restore into a folder instead.');
    const folder = path.at(-1) === '';
    if (mtime === undefined ? !folder : mtime < EARLIEST || mtime > LATEST) this.#undated++;
    return { name: bytes, folder, mtime, crc: 0, size: 0, at: 0, streamed: false, large: false };
  }
}
