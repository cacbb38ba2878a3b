import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from './feed.js';
import { Openers } from './openers.js';
import { openSource, type Found } from './sources.js';
import type { Source } from './types.js';

/** A folder as the browser's handles look, with files given by their text. */
function folder(name: string, children: Record<string, string | object>): object {
  const values = async function* () {
    for (const [child, what] of Object.entries(children)) {
      yield typeof what === 'object' ? what : file(child, what);
    }
  };
  return { kind: 'directory', name, values, isSameEntry: async () => false };
}

function file(name: string, text: string): object {
  return { kind: 'file', name, getFile: async () => new File([text], name, { lastModified: 7 }), isSameEntry: async () => false };
}

async function paths(source: unknown): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of openSource(source as Source)) found.push(describe(entry));
  return found.sort();
}

function describe({ path, file, size, unreadable }: Found): string {
  if (unreadable !== undefined) return `${path}!`;
  return file ? `${path} ${size}` : `${path}/`;
}

test('a folder handle is walked with its empty folders, under its own name', async () => {
  const photos = folder('photos', { 'a.jpg': 'abc', empty: folder('empty', {}), deep: folder('deep', { 'b.jpg': '' }) });
  assert.deepEqual(await paths(photos), ['photos/', 'photos/a.jpg 3', 'photos/deep/', 'photos/deep/b.jpg 0', 'photos/empty/']);
});

test('the root of the origin private file system, which has no name, adds none', async () => {
  assert.deepEqual(await paths(folder('', { 'a.txt': 'a' })), ['a.txt 1']);
});

test('a file that cannot be opened is named, and the rest still comes', async () => {
  const locked = { kind: 'file', name: 'locked', getFile: async () => { throw new DOMException('no', 'NotReadableError'); } };
  assert.deepEqual(await paths(folder('f', { locked, 'ok.txt': 'x' })), ['f/', 'f/locked!', 'f/ok.txt 1']);
});

test('a file that changed after it was found is refused, not read as it is now', async () => {
  let text = 'before';
  const changing = { kind: 'file', name: 'c', getFile: async () => new File([text], 'c', { lastModified: text.length }), isSameEntry: async () => false };
  const files = new Openers();
  const number = (await new Feed(changing as unknown as Source, files).walk()).entries[0]!.file!;
  text = 'after it was found';
  await assert.rejects(files.open(number), { code: 'source_changed' });
});

test('a dropped file of a browser that keeps what it first found is looked up anew in its folder, and is known to change without a word', async () => {
  let text = 'before';
  const leaf = (kept: string) => ({ isFile: true, isDirectory: false, name: 'c', file: (give: (file: File) => void) => give(new File([kept], 'c', { lastModified: kept.length })) });
  const children = [[leaf(text)], []];
  const dropped = {
    isFile: false, isDirectory: true, name: 'f', createReader: () => ({ readEntries: (give: (some: object[]) => void) => give(children.shift() ?? []) }),
    getFile: (name: string, _options: object, give: (entry: object) => void) => { assert.equal(name, 'c'); give(leaf(text)); },
  };
  const files = new Openers();
  const { path, file } = (await new Feed([dropped] as unknown as Source, files).walk()).entries[1]!;
  assert.equal(path, 'f/c');
  const opened = await files.open(file!);
  assert.deepEqual([opened.blob.size, opened.silent], [6, true]);
  text = 'after it was found';
  await assert.rejects(files.open(file!), { code: 'source_changed' });
  assert.equal((await files.open(file!, true)).blob.size, 18);
  assert.equal((await files.open(file!)).blob.size, 18);
});

test('a file that is looked at again is read as it is found to be, and one that is gone stays gone', async () => {
  let text: string | undefined = 'before';
  const getFile = async () => {
    if (text === undefined) throw new DOMException('it is gone', 'NotFoundError');
    return new File([text], 'c', { lastModified: text.length });
  };
  const files = new Openers();
  const feed = new Feed({ kind: 'file', name: 'c', getFile, isSameEntry: async () => false } as unknown as Source, files);
  const number = (await feed.walk()).entries[0]!.file!;
  text = 'after it was found';
  await assert.rejects(files.open(number), { code: 'source_changed' });
  assert.deepEqual(await feed.look(number), { size: 18, mtime: 18 });
  assert.equal((await files.open(number)).blob.size, 18);
  text = undefined;
  await assert.rejects(feed.look(number), { code: 'source_gone', message: 'The file is not there any more. Try it again once it is back.' });
});

/** Handles as the browser's own, of files whose text may change; `asked` counts how often they are. */
function chosen(count: number, textOf: () => string): { root: object; asked(): number; forget(): void } {
  let asked = 0;
  class FileSystemFileHandle {
    readonly kind = 'file';
    readonly isSameEntry = async () => false;
    constructor(readonly name: string) {}
    async getFile(): Promise<File> {
      asked++;
      const text = textOf();
      return new File([text], this.name, { lastModified: text.length });
    }
  }
  Object.assign(globalThis, { showDirectoryPicker: () => {}, FileSystemFileHandle });
  const values = async function* () {
    for (let number = 0; number < count; number++) yield new FileSystemFileHandle(`${number}`);
  };
  return {
    root: { kind: 'directory', name: 'f', values, getFileHandle: async (name: string) => new FileSystemFileHandle(name), isSameEntry: async () => false },
    asked: () => asked,
    forget: () => { for (const name of ['showDirectoryPicker', 'FileSystemFileHandle']) Reflect.deleteProperty(globalThis, name); },
  };
}

test('where the browser refuses to read what changed, a file that was chosen is asked for once, and again only to be looked at anew', async () => {
  let text = 'before';
  const { root, asked, forget } = chosen(1, () => text);
  try {
    const files = new Openers();
    const feed = new Feed(root as unknown as Source, files);
    const number = (await feed.walk()).entries[1]!.file!;
    assert.equal(await (await files.open(number)).blob.text(), 'before');
    assert.equal(await (await files.open(number)).blob.text(), 'before');
    assert.equal(asked(), 1);
    text = 'after it was found';
    assert.deepEqual(await feed.look(number), { size: 18, mtime: 18 });
    assert.equal(await (await files.open(number)).blob.text(), 'after it was found');
    text = 'and once more';
    await assert.rejects(files.open(number), { code: 'source_changed' });
  } finally {
    forget();
  }
});

test('of very many chosen files the first 20,000 alone are kept as they were found', async () => {
  const COUNT = 20_005;
  const { root, asked, forget } = chosen(COUNT, () => 'text');
  try {
    const files = new Openers();
    const feed = new Feed(root as unknown as Source, files);
    const numbers: number[] = [];
    for (let done = false; !done;) {
      const walked = await feed.walk();
      done = walked.done;
      numbers.push(...walked.entries.flatMap(({ file }) => file ?? []));
    }
    for (const number of numbers) await files.open(number);
    assert.equal(asked() - COUNT, 5);
  } finally {
    forget();
  }
});

test('entries say what they are; one whose size is not its own is not believed', async () => {
  const entries = [{ path: 'd/' }, { path: 'a', blob: new Blob(['x']) }, { path: 'b', unreadable: 'a link' }, { path: 'c', blob: new Blob(['x']), size: 9 }];
  assert.deepEqual(await paths(entries), ['a 1', 'b!', 'c!', 'd/']);
});

test('entries of a drop can be walked again, after the event that brought them', async () => {
  const document = { isFile: true, isDirectory: false, name: 'a.txt', file: (taken: (file: File) => void) => taken(new File(['abc'], 'a.txt')) };
  const reader = () => {
    const rest = [document];
    return { readEntries: (taken: (entries: object[]) => void) => taken(rest.splice(0)) };
  };
  const dropped = [{ isFile: false, isDirectory: true, name: 'papers', createReader: reader }, document];
  for (const _ of ['once', 'again']) assert.deepEqual(await paths(dropped), ['a.txt 3', 'papers/', 'papers/a.txt 3']);
});

test('a feed gives every entry once, numbers only what can be read, and says when it is done', async () => {
  const entries = Array.from({ length: 1_200 }, (_, place) => (place % 2 ? { path: `d${place}/` } : { path: `f${place}`, blob: new Blob(['x']) }));
  const files = new Openers();
  const feed = new Feed(entries, files);
  const all = [];
  for (let done = false; !done;) {
    const walked = await feed.walk();
    assert.ok(walked.entries.length <= 500);
    all.push(...walked.entries);
    done = walked.done;
  }
  assert.deepEqual(all.map(({ path }) => path), entries.map(({ path }) => path.replace('/', '')));
  assert.equal(files.size, 600);
  const numbers = all.flatMap(({ file }) => file ?? []);
  assert.equal(new Set(numbers).size, 600);
  assert.deepEqual(all[2], { path: 'f2', size: 1, mtime: undefined, file: numbers[1] });
  feed.close();
  assert.equal(files.size, 0);
});

test('of very many files the later ones are looked up in their folder again, and hold no object of the browser', async () => {
  const COUNT = 50_010;
  let asked = 0;
  const file = (name: string) => ({ kind: 'file', name, isSameEntry: async () => false, getFile: async () => new File([name], name, { lastModified: 7 }) });
  const many = {
    kind: 'directory', name: 'many', isSameEntry: async () => false,
    values: async function* () {
      for (let number = 0; number < COUNT; number++) yield file(`${number}`);
    },
    getFileHandle: async (name: string) => {
      asked++;
      return file(name);
    },
  };
  const files = new Openers();
  const feed = new Feed(many as unknown as Source, files);
  for (let done = false; !done;) {
    const walked = await feed.walk();
    done = walked.done;
    for (const { path, file: number } of walked.entries) {
      // Of those before, some; all of those after.
      if (number === undefined || !/00$|5\d{4}$/.test(path)) continue;
      const before = asked;
      const { blob } = await files.open(number);
      assert.equal(`many/${await blob.text()}`, path);
      assert.equal(asked > before, Number(path.slice(5)) >= 50_000, path);
    }
  }
  assert.equal(asked, COUNT - 50_000);
});
