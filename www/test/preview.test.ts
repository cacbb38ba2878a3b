import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PDF_LIMIT, PICTURE_LIMIT, previewOf, TEXT_LIMIT, wantedBytes } from '../src/lib/preview.ts';

const bytes = (...values: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.flatMap((value) => (typeof value === 'string' ? [...new TextEncoder().encode(value)] : value)));
const look = (name: string, content: Uint8Array<ArrayBuffer>, size = content.length) => previewOf(name, content, size);

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];

test('documents that could act are text, whatever they are called', () => {
  for (const name of ['page.html', 'picture.svg', 'photo.png', 'photo.jpg', 'README']) {
    const preview = look(name, bytes('<svg onload="alert(1)"><script>alert(2)</script></svg>'));
    assert.equal(preview.kind, 'text', name);
  }
});

test('a picture is known by its bytes, not by its name', () => {
  assert.deepEqual(look('letter.txt', bytes(PNG, [0, 0, 0, 9, 0, 0, 0, 9])), { kind: 'picture', type: 'image/png', bytes: bytes(PNG, [0, 0, 0, 9, 0, 0, 0, 9]) });
  assert.equal(look('a', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc0, 0, 11, 8, 0, 20, 0, 30])).kind, 'picture');
});

test('a picture with more pixels than a tab has memory for is not drawn, nor one that is not whole', () => {
  assert.equal(look('bomb.png', bytes(PNG, [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff])).kind, 'none');
  assert.equal(look('bomb.jpg', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff])).kind, 'none');
  assert.equal(look('bomb.gif', bytes('GIF89a', [0xff, 0xff, 0xff, 0xff])).kind, 'none');
  assert.equal(look('huge.png', bytes(PNG, [0, 0, 0, 9, 0, 0, 0, 9]), 1_000_000).kind, 'none');
  assert.equal(wantedBytes('huge.png', PICTURE_LIMIT + 1), TEXT_LIMIT);
});

test('a PDF is known by its bytes, and is drawn only where it is whole', () => {
  const pdf = bytes('%PDF-1.7\n');
  assert.deepEqual(look('letter.txt', pdf), { kind: 'pdf', bytes: pdf });
  assert.equal(look('letter.pdf', bytes('not one')).kind, 'text');
  assert.equal(look('book.pdf', pdf, PDF_LIMIT + 1).kind, 'none');
  assert.deepEqual([wantedBytes('book.PDF', PDF_LIMIT), wantedBytes('book.pdf', PDF_LIMIT + 1)], [PDF_LIMIT, TEXT_LIMIT]);
});

test('text comes in the encodings that people have, and anything else is no text', () => {
  const text = (content: Uint8Array<ArrayBuffer>) => {
    const preview = look('a.txt', content);
    return preview.kind === 'text' ? preview.text : preview.kind;
  };
  assert.equal(text(bytes('schön 🗂\r\nnext\tline\n')), 'schön 🗂\nnext\tline\n');
  assert.equal(text(bytes([0xff, 0xfe, 0x68, 0, 0x69, 0])), 'hi');
  assert.equal(text(bytes([0x73, 0x63, 0x68, 0xf6, 0x6e])), 'schön');
  assert.equal(text(bytes('')), '');
  assert.equal(text(bytes('ab', [0], 'c')), 'none');
});

test('a long text is cut between characters, and says how much is left out', () => {
  const preview = previewOf('a.txt', bytes('ä'.repeat(TEXT_LIMIT / 2), [0xc3]), TEXT_LIMIT + 1_000);
  assert.ok(preview.kind === 'text' && preview.text === 'ä'.repeat(TEXT_LIMIT / 2));
  assert.equal(preview.rest, 1_000);
});

test('what turns the order of reading round is seen in code', () => {
  const preview = look('a.rs', bytes('let x = "\u202e";'));
  assert.ok(preview.kind === 'text' && preview.lines);
  assert.equal(preview.text, 'let x = "⟨U+202E⟩";');
});
