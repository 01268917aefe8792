/** A terminal of 60 columns: nothing runs over its edge, and no word is lost. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { programOf, run } from '../../cli/main.ts';
import { heading, rowOf, type Summary } from '../../cli/rehearsal/summary.ts';
import { listOf, tableOf } from '../../report/table.ts';
import { fitted } from '../../report/width.ts';
import { cutover, folderWith, shop } from './command-line.ts';

const narrow = 60;
const tooLong = (lines: readonly string[]): string[] => lines.filter((line) => line.length > narrow);
/** What is read: words, without the backslash of a command that goes on. */
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '' && word !== '\\');

const helpAt = async (columns: number, args: readonly string[]): Promise<string> => {
  let text = '';
  const output = { columns, write: (part: string) => (text += part) };
  expect(await run([...args, '--help'], { output })).toBe(0);
  return text;
};

const silent = { write: () => true };
const program = programOf({ output: silent, cwd: '.', stop: new AbortController().signal }, silent, { former: false });
const pathsOf = (command: Command, above: string[] = []): string[][] =>
  command.commands.flatMap((inner) => [[...above, inner.name()], ...pathsOf(inner, [...above, inner.name()])]);

test.each([[[]], ...pathsOf(program).map((path) => [path])])('help of %j fits into 60 columns', async (path) => {
  const help = await helpAt(narrow, path);
  expect(tooLong(help.split('\n'))).toEqual([]);
  expect(words(help)).toEqual(words(await helpAt(100, path)));
});

const cell = ['2026-12-01 00:53:14 UTC', 'shop', '798ea58d1820', 'release-42', '1', 'failed', '25 %'];
const why = 'its error rate is above 1.25 × the old version’s + 0.05 points: 7 % of 243 requests failed, 0.1 % of 720';
const historyHeading = ['published', 'service', 'release', 'image', 'attempt', 'outcome', 'reached', 'why'];
const summary: Summary = {
  policy: "shop's own",
  runs: 100,
  caught: 1,
  falseRollbacks: 0.01,
  caughtAfter: { median: 90, p95: 300 },
  failed: { median: 1200, p95: 2400 },
  goodTakes: { median: 1800, p95: 1900 },
  extraHours: 2.5,
  extraCost: 0.12,
  reason: null,
  falseReason: null,
};

test.each([
  ['history', historyHeading, [[...cell, why]]],
  ['simulate', heading, [rowOf(summary)]],
  ['demo', ['act', 'published', 'result', 'took'], [['2', 'version 3', 'rolled back; 29 of 4,324 failed', '21.8 s']]],
])('the table of %s fits into 60 columns with every cell and heading', (_, titles, rows) => {
  const lines = tableOf(titles, rows, narrow);
  expect(tooLong(lines)).toEqual([]);
  const shown = words(lines.join(' ').replaceAll(';', ''));
  for (const word of words([...titles, ...rows.flat()].join(' ').replaceAll(';', ''))) expect(shown).toContain(word);
});

test('a table stays columns where they fit, and where nobody looks', () => {
  const rows = [[...cell, why]];
  expect(tableOf(historyHeading, rows, Number.POSITIVE_INFINITY)).toHaveLength(2);
  expect(tableOf(['a', 'b'], [['1', '2']], narrow)).toEqual(['a  b', '1  2']);
});

test('a last column is wrapped under itself as long as it has 24 characters', () => {
  expect(listOf([['a.key', 'default', 'one two three four five six seven']], 31)).toEqual([
    'a.key  default one two three',
    '       four five six seven',
  ]);
  expect(listOf([['a.long.key', 'one two three four']], 30)).toEqual(['a.long.key  one two three four']);
  expect(listOf([['a.long.key', '', 'one two three four five']], 30)).toEqual([
    'a.long.key',
    '    one two three four five',
  ]);
});

test('a command that is too long is broken before an option, so that it can be pasted', () => {
  const text = 'Examples:\n  cutover deploy shop 3f2a9c0d1e4b --stage production --json';
  expect(fitted(text, 50)).toBe('Examples:\n  cutover deploy shop 3f2a9c0d1e4b \\\n    --stage production --json');
});

test('plan fits into 60 columns: the rollout first, the keys last', async () => {
  process.env.COLUMNS = String(narrow);
  const { code, output } = await cutover(folderWith({ 'cutover.config.ts': shop }), 'plan', 'shop');
  delete process.env.COLUMNS;
  expect(code).toBe(0);
  expect(tooLong(output.split('\n'))).toEqual([]);
  expect(output.indexOf('The rollout of the next image')).toBe(0);
  expect(output.indexOf('healthy needed')).toBeLessThan(output.indexOf('timing.period'));
});
