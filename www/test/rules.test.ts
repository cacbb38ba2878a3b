import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EVERYTHING, recallChoice, rememberChoice, rulesOf, type Choice } from '../src/choice.ts';
import { isPreset, patternFor, patternsOf } from '../src/lib/rules.ts';
import { reportName, reportText } from '../src/lib/report.ts';
import type { BackupReport, Vault } from 'strongroom';

test('a path that was unticked is a pattern of just that path', () => {
  assert.equal(patternFor('photos/2019/'), '/photos/2019/');
  assert.equal(patternFor('what? *really*/a\\b.txt'), '/what\\? \\*really\\*/a\\\\b.txt');
});

test('patterns are typed one a line or with commas, and what is empty is none', () => {
  assert.deepEqual(patternsOf('*.iso, Thumbs.db\n\n  build/ \n,'), ['*.iso', 'Thumbs.db', 'build/']);
  assert.deepEqual(patternsOf(' \n'), []);
});

test('a choice is what the engine leaves out: presets, patterns and unticked paths, each once', () => {
  const rules = rulesOf({ presets: ['system'], leave: ['*.iso', 'Thumbs.db'], only: ['*.jpg'], unticked: ['a/', 'b'] });
  assert.deepEqual(rules.include, ['*.jpg']);
  assert.deepEqual(rules.exclude?.slice(-3), ['*.iso', '/a/', '/b']);
  assert.equal(rules.exclude?.filter((pattern) => pattern === 'Thumbs.db').length, 1);
  assert.deepEqual(rulesOf(EVERYTHING), { exclude: [], include: [] });
  assert.equal(isPreset('toString'), false);
});

test('a choice is kept sealed, and whatever else lies there counts as none', async () => {
  const kept = new Map<string, string>();
  Object.assign(globalThis, { localStorage: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => kept.set(key, text) } });
  const turned = (text: string) => [...text].reverse().join('');
  const vault = { id: 'ab', sealNote: async (note: string) => turned(note), openNote: async (sealed: string) => turned(sealed) } as unknown as Vault;
  const choice: Choice = { presets: ['code'], leave: ['*.iso'], only: [], unticked: ['a/'] };
  assert.deepEqual(await recallChoice(vault), EVERYTHING);
  await rememberChoice(vault, choice);
  assert.equal([...kept.values()].some((text) => text.includes('*.iso')), false);
  assert.deepEqual(await recallChoice(vault), choice);
  await rememberChoice(vault, { presets: ['no such'], leave: 7, unticked: ['b', 1] } as unknown as Choice);
  assert.deepEqual(await recallChoice(vault), { presets: [], leave: [], only: [], unticked: ['b'] });
  kept.set('strongroom.choice.ab', 'damaged');
  assert.deepEqual(await recallChoice(vault), EVERYTHING);
});

test('the report to keep names everything that was left out, and how much more there is', () => {
  const left = [{ path: 'a\u202etxt', code: 'source_gone' as const, message: 'It is gone.' }];
  const report: BackupReport = {
    snapshot: 'ff', started: Date.UTC(2026, 10, 21), finished: Date.UTC(2026, 10, 21, 0, 1), files: 1204, folders: 3, bytes: 5, unchangedFiles: 0, unchangedBytes: 0,
    filesRead: 4, bytesRead: 500, bytesNew: 100, bytesStored: 60, excludedFiles: 2, excludedBytes: 9, resumedBytes: 0, left, leftCount: 3,
  };
  const text = reportText(report, 'Photos');
  for (const line of ['Label: Photos', 'Snapshot: ff', 'in the vault already: 400 bytes (400)', '- a⟨U+202E⟩txt: It is gone. (source_gone)', '- and 2 more']) assert.ok(text.includes(line), line);
  assert.equal(reportName(report), 'strongroom-report-2026-11-21T0001.txt');
  assert.ok(reportText({ ...report, left: [], leftCount: 0 }, '').includes('Nothing else was left out.'));
});
