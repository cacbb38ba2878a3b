import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from './types.ts';
import { weightOf } from './weight.ts';

const file = (name: string, size: number): Entry => ({ name, kind: 'file', size, files: 1 });
const TREE: Record<string, Entry[]> = {
  '': [file('a', 1e6), { name: 'b', kind: 'folder', size: 6e6, files: 2 }, file('c', 10e6)],
  b: [file('d', 2e6), file('e', 4e6)],
};

test('a selection weighs what its files and folders do, looked up no further than it must be', async () => {
  const asked: string[] = [];
  const list = async (path: string, { after }: { after?: string }) => {
    asked.push(`${path}${after ?? ''}`);
    const entries = TREE[path]!;
    const at = after === undefined ? 0 : Number(after);
    return { entries: entries.slice(at, at + 1), total: entries.length, ...(at + 1 < entries.length ? { next: String(at + 1) } : {}) };
  };
  const weight = async (...selection: string[]) => Math.round(await weightOf(selection, list) / 1e6);
  assert.equal(await weight(''), 17);
  assert.deepEqual(asked.splice(0), ['', '1', '2']);
  assert.equal(await weight('b', 'a'), 7);
  assert.deepEqual(asked.splice(0), ['', '1']);
  assert.equal(await weight('c', 'b/d'), 12);
  assert.deepEqual(asked.splice(0), ['', '1', '2', 'b']);
});
