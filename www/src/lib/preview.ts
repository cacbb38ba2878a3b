/** What of a file can be looked at in the page: text as text, pictures as pictures, PDF as drawings, sounds and films; nothing that could act. */

import type { OpenFile } from 'strongroom';

export type Preview =
  | { kind: 'text'; text: string; /** Whether lines count, as in code. */ lines: boolean; /** Bytes that are not shown. */ rest: number }
  | { kind: 'picture'; type: string; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'pdf'; bytes: Uint8Array<ArrayBuffer> }
  /** A sound or a film, which is fetched as it is played. */
  | { kind: 'sound' | 'film'; file: OpenFile }
  /** Why there is nothing to be seen, as a sentence. */
  | { kind: 'none'; why: string };

/** The most of a text that is read, and the most that a picture or a PDF may have. */
export const TEXT_LIMIT = 256 * 1024;
export const PICTURE_LIMIT = 32 * 1024 * 1024;
export const PDF_LIMIT = 64 * 1024 * 1024;
/** A picture of more pixels would take more memory than a tab has. */
const PIXELS_LIMIT = 120_000_000;

const PICTURES = /\.(png|jpe?g|jfif|gif|webp|avif|bmp|ico)$/i;
const PROSE = /\.(txt|text|md|markdown|rst|eml|srt|vtt|log)$/i;

/** How many bytes of a file a preview wants. */
export function wantedBytes(name: string, size: number): number {
  if (/\.pdf$/i.test(name) && size <= PDF_LIMIT) return PDF_LIMIT;
  return PICTURES.test(name) && size <= PICTURE_LIMIT ? PICTURE_LIMIT : TEXT_LIMIT;
}

/** `bytes` is the beginning of a file of `size` bytes. The name decides nothing but how text is laid out. */
export function previewOf(name: string, bytes: Uint8Array<ArrayBuffer>, size: number): Preview {
  const type = pictureType(bytes);
  if (type !== undefined) {
    if (bytes.length < size) return { kind: 'none', why: 'This picture is too large to be shown here. Download it to look at it.' };
    const pixels = pixelsOf(type, bytes);
    if (pixels !== undefined && pixels > PIXELS_LIMIT) return { kind: 'none', why: 'This picture has too many pixels to be shown here. Download it to look at it.' };
    return { kind: 'picture', type, bytes };
  }
  if (isPdf(bytes)) {
    return bytes.length < size ? { kind: 'none', why: 'This PDF is too large to be shown here. Download it to read it.' } : { kind: 'pdf', bytes };
  }
  const text = textOf(bytes.subarray(0, TEXT_LIMIT), bytes.length < size || bytes.length > TEXT_LIMIT);
  if (text === undefined) return { kind: 'none', why: 'Only text, pictures, PDF, sounds and films can be shown here. Download the file to open it.' };
  return { kind: 'text', text: plain(text), lines: !PROSE.test(name) && /\.\w+$/.test(name), rest: size - Math.min(bytes.length, TEXT_LIMIT) };
}

/** By its first bytes, whatever its name says. No SVG: it is a document, and is shown as text. */
function pictureType(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(head)) return 'image/gif';
  if (/^RIFF[^]{4}WEBP/.test(head)) return 'image/webp';
  if (/^[^]{4}ftypavi[fs]/.test(head)) return 'image/avif';
  if (/^BM[^]{4}\0\0\0\0/.test(head)) return 'image/bmp';
  if (/^\0\0\x01\0[\x01-\x40]\0/.test(head)) return 'image/x-icon';
  return undefined;
}

function isPdf(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 5)) === '%PDF-';
}

/** Width times height, where the beginning of the file says them plainly. */
function pixelsOf(type: string, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 'image/png' && bytes.length >= 24) return view.getUint32(16) * view.getUint32(20);
  if (type === 'image/gif' && bytes.length >= 10) return view.getUint16(6, true) * view.getUint16(8, true);
  if (type === 'image/bmp' && bytes.length >= 26) return Math.abs(view.getInt32(18, true) * view.getInt32(22, true));
  if (type === 'image/jpeg') return jpegPixels(view);
  return undefined;
}

function jpegPixels(view: DataView): number | undefined {
  for (let at = 2; at + 9 <= view.byteLength;) {
    const marker = view.getUint16(at);
    if (marker < 0xff01) return undefined;
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc;
    if (isFrame) return view.getUint16(at + 5) * view.getUint16(at + 7);
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The text that the bytes are, if they are text; `cut` if the last character may lack its end. */
function textOf(bytes: Uint8Array, cut: boolean): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    // Written before UTF-8 was everywhere.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Characters that cannot be seen, or that turn the order of reading round, as their code: code must be what it looks like. */
function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}
