/** The records of a ZIP (APPNOTE 6.3.10), of files that are stored as they are. */

/** What DOS times can say, in local time. */
export const EARLIEST = new Date(1980, 0, 1).getTime();
export const LATEST = new Date(2107, 11, 31).getTime();

/** A size or an offset that does not fit is this, and stands in the ZIP64 extra field. */
export const BEYOND = 0xffff_ffff;
/** Made on a Unix by version 4.5, which ZIP64 needs. */
const MADE_BY = 0x032d;
const NEEDED = 0x002d;
const UTF8 = 0x0800;
const STREAMED = 0x0008;

export interface ZipEntry {
  name: Uint8Array;
  folder: boolean;
  mtime?: number;
  crc: number;
  size: number;
  /** Where its local header lies. */
  at: number;
  /** Its checksum and size follow the bytes, in a descriptor: they were not known before. */
  streamed: boolean;
  /** That descriptor has sizes of eight bytes. */
  large: boolean;
}

export function localHeader(entry: ZipEntry): Uint8Array {
  const record = new Record();
  const { crc, size } = entry.streamed ? { crc: 0, size: entry.large ? BEYOND : 0 } : entry;
  const extra = [...(entry.streamed && entry.large ? [zip64(0, 0)] : []), ...modified(entry)];
  return record.u32(0x04034b50).u16(NEEDED).common(entry, crc, size, size, extra).bytes(entry.name, ...extra).done();
}

/** After the bytes of a streamed entry. */
export function descriptor({ crc, size, large }: ZipEntry): Uint8Array {
  const record = new Record().u32(0x08074b50).u32(crc);
  return (large ? record.u64(size).u64(size) : record.u32(size).u32(size)).done();
}

export function centralHeader(entry: ZipEntry): Uint8Array {
  const { crc, size, at, folder } = entry;
  const large = [...(size >= BEYOND ? [size, size] : []), ...(at >= BEYOND ? [at] : [])];
  const extra = [...(large.length > 0 ? [zip64(...large)] : []), ...modified(entry)];
  // No comment, the first disk, no text; then the mode.
  return new Record().u32(0x02014b50).u16(MADE_BY).u16(NEEDED).common(entry, crc, Math.min(size, BEYOND), Math.min(size, BEYOND), extra)
    .u16(0).u16(0).u16(0).u16(folder ? 0x10 : 0).u16(folder ? 0o40775 : 0o100664).u32(Math.min(at, BEYOND)).bytes(entry.name, ...extra).done();
}

/** After all central headers: how many there are, where they begin, how long they are together. */
export function end(count: number, at: number, length: number): Uint8Array {
  const record = new Record();
  if (count >= 0xffff || at >= BEYOND || length >= BEYOND) {
    record.u32(0x06064b50).u64(44).u16(MADE_BY).u16(NEEDED).u32(0).u32(0).u64(count).u64(count).u64(length).u64(at);
    record.u32(0x07064b50).u32(0).u64(at + length).u32(1);
  }
  const short = Math.min(count, 0xffff);
  return record.u32(0x06054b50).u16(0).u16(0).u16(short).u16(short).u32(Math.min(length, BEYOND)).u32(Math.min(at, BEYOND)).u16(0).done();
}

function zip64(...values: number[]): Uint8Array {
  const record = new Record().u16(1).u16(8 * values.length);
  for (const value of values) record.u64(value);
  return record.done();
}

/** The extended timestamp: seconds of UTC, where DOS has steps of two seconds of an unknown place. */
function modified({ mtime }: ZipEntry): Uint8Array[] {
  const seconds = Math.floor((mtime ?? NaN) / 1000);
  return seconds === (seconds | 0) ? [new Record().u16(0x5455).u16(5).u8(1).u32(seconds >>> 0).done()] : [];
}

/** Appends fields, little-endian. */
class Record {
  readonly #bytes: number[] = [];

  u8(value: number): this { this.#bytes.push(value & 0xff); return this; }
  u16(value: number): this { return this.u8(value).u8(value >>> 8); }
  u32(value: number): this { return this.u16(value).u16(value >>> 16); }
  u64(value: number): this { return this.u32(value >>> 0).u32(Math.floor(value / 2 ** 32)); }
  bytes(...all: Uint8Array[]): this { for (const bytes of all) this.#bytes.push(...bytes); return this; }
  done(): Uint8Array { return Uint8Array.from(this.#bytes); }

  /** What a local and a central header have in common: from the flags to the length of the extra fields. */
  common({ name, mtime, streamed }: ZipEntry, crc: number, stored: number, size: number, extra: Uint8Array[]): this {
    const date = new Date(Math.min(Math.max(mtime ?? EARLIEST, EARLIEST), LATEST));
    return this.u16(UTF8 | (streamed ? STREAMED : 0)).u16(0)
      .u16(date.getSeconds() >> 1 | date.getMinutes() << 5 | date.getHours() << 11)
      .u16(date.getDate() | date.getMonth() + 1 << 5 | date.getFullYear() - 1980 << 9)
      .u32(crc).u32(stored).u32(size).u16(name.length).u16(extra.reduce((total, { length }) => total + length, 0));
  }
}
