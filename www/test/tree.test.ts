import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Listing } from 'strongroom';
import { Tree } from '../src/lib/tree.ts';

/** Folders of these names and sizes, listed as an engine does: by name, page by page. */
function lister(folders: Record<string, string[]>): (path: string, options: { after?: string; limit: number }) => Promise<Listing> {
  return async (path, { after, limit }) => {
    const names = folders[path];
    if (!names) throw new Error('no such folder');
    const rest = names.filter((name) => after === undefined || name > after);
    const entries = rest.slice(0, limit).map((name): Entry => ({ name, kind: `${path}/${name}`.replace(/^\//, '') in folders ? 'folder' : 'file', size: 1, files: 1 }));
    const last = entries.at(-1)?.name;
    return last !== undefined && rest.length > limit ? { entries, total: names.length, next: last } : { entries, total: names.length };
  };
}

function settled(tree: Tree, done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => { if (done()) resolve(); };
    tree.addEventListener('change', look);
    look();
  });
}

const shown = (tree: Tree): string[] => tree.rows.map(({ path, level, place }) => `${level}:${place} ${path}`);

test('a folder unfolds in its place and folds away with what is unfolded in it', async () => {
  const tree = new Tree('', lister({ '': ['a', 'b', 'c'], b: ['x', 'y'], 'b/x': ['deep'] }));
  await settled(tree, () => tree.rows.length === 3);
  tree.unfold(tree.rows[1]!);
  await settled(tree, () => tree.rows.length === 5);
  tree.unfold(tree.rows[2]!);
  await settled(tree, () => tree.rows.length === 6);
  assert.deepEqual(shown(tree), ['1:1 a', '1:2 b', '2:1 b/x', '3:1 b/x/deep', '2:2 b/y', '1:3 c']);
  assert.deepEqual([0, 2, 3, 4, 5].map((index) => tree.parentIndex(index)), [-1, 1, 2, 1, -1]);
  assert.equal(tree.siblings(tree.rows[4]!), 2);
  assert.ok(tree.isOpen('b/x'));
  tree.fold(tree.rows[1]!);
  assert.deepEqual(shown(tree), ['1:1 a', '1:2 b', '1:3 c']);
  assert.ok(!tree.isOpen('b/x'));
});

test('a huge folder shows its first page at once, knows how many are missing, and gets them all in order, beside another that unfolds meanwhile', async () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `n${String(index).padStart(6, '0')}`);
  const tree = new Tree('many', lister({ many: names, 'many/n000003': names }));
  await settled(tree, () => tree.rows.length > 0);
  assert.ok(tree.rows.length < 1_000);
  assert.equal(tree.missing, names.length - tree.rows.length);
  tree.unfold(tree.rows[3]!);
  await settled(tree, () => tree.rows.length === 60_000);
  assert.equal(tree.missing, 0);
  const inner = names.map((name) => `many/n000003/${name}`);
  const outer = names.map((name) => `many/${name}`);
  assert.deepEqual(tree.rows.map(({ path }) => path), [...outer.slice(0, 4), ...inner, ...outer.slice(4)]);
});

test('a folder that cannot be read says so, and is read once it can be', async () => {
  const folders: Record<string, string[]> = {};
  const tree = new Tree('', lister(folders));
  await settled(tree, () => tree.failure !== undefined);
  folders[''] = ['a'];
  tree.retry();
  await settled(tree, () => tree.rows.length === 1);
  assert.equal(tree.failure, undefined);
});

test('rows are sorted in their folders by size, time or name, either way, and pages and folders that come later fall into place', async () => {
  const entries = (names: string[]): Entry[] => names.map((name, index): Entry => ({
    name, kind: name === 'd' ? 'folder' : 'file', size: [30, 10, 20, 10, 5][index] ?? 0, files: 1, ...(index === 2 ? {} : { mtime: [7, 9, 0, 8, 1][index] ?? 0 }),
  }));
  const folders: Record<string, Entry[]> = { '': entries(['a', 'b', 'c', 'd', 'e']), d: entries(['x', 'y']) };
  const tree = new Tree('', async (path, { after }) => {
    // Two at a time, whatever is asked for.
    const all = folders[path] ?? [];
    const start = after === undefined ? 0 : all.findIndex(({ name }) => name === after) + 1;
    const page = all.slice(start, start + 2);
    const last = page.at(-1)?.name;
    return start + 2 < all.length && last !== undefined ? { entries: page, total: all.length, next: last } : { entries: page, total: all.length };
  });
  tree.sort({ key: 'size', descending: true });
  await settled(tree, () => tree.missing === 0 && tree.rows[0]?.path === 'a' && tree.rows.length === 5);
  assert.deepEqual(shown(tree), ['1:1 a', '1:2 c', '1:3 b', '1:4 d', '1:5 e']);
  tree.unfold(tree.rows[3]!);
  await settled(tree, () => tree.rows.length === 7);
  assert.deepEqual(shown(tree).slice(3, 6), ['1:4 d', '2:1 d/x', '2:2 d/y']);
  tree.sort({ key: 'size', descending: false });
  assert.deepEqual(shown(tree), ['1:1 e', '1:2 b', '1:3 d', '2:1 d/y', '2:2 d/x', '1:4 c', '1:5 a']);
  tree.sort({ key: 'changed', descending: true });
  assert.deepEqual(shown(tree).filter((row) => row.startsWith('1')), ['1:1 b', '1:2 d', '1:3 a', '1:4 e', '1:5 c']);
  tree.sort({ key: 'changed', descending: false });
  assert.equal(shown(tree).at(-1), '1:5 c', 'what has no time comes last either way');
  tree.sort({ key: 'name', descending: true });
  assert.deepEqual(shown(tree), ['1:1 e', '1:2 d', '2:1 d/y', '2:2 d/x', '1:3 c', '1:4 b', '1:5 a']);
  tree.fold(tree.rows[1]!);
  assert.equal(tree.rows.length, 5);
});
