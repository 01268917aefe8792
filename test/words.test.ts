/** What a machine can hold of how this repository is written: titles of tests, names of modules, one word for one thing. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const tests = globSync('test/**/*.test.ts', { cwd: root }).sort();

/** `test('…'`, `it.each(…)('…'` is the next pattern's: a table's own titles stand in its rows. */
const titled = /(?<![\w.])(?:test|it|describe)(?:\.\w+)?\(\s*(['"`])(?<title>(?:\\.|(?!\1)[^\\])*)\1/g;
const titledByTable = /\]\)\(\s*(['"`])(?<title>(?:\\.|(?!\1)[^\\])*)\1\s*,\s*(?:async )?\(/g;
const tableRow = /^\s*\[(['"`])(?<title>(?:\\.|(?!\1)[^\\])*)\1,/gm;

const titlesIn = (text: string): string[] => {
  const tables = [...text.matchAll(/\.each<\[string,[^\n]*\n(?<rows>[\s\S]*?)\n\s*\]\)\(/g)].map(
    ({ groups }) => groups?.rows ?? '',
  );
  return [
    ...[...text.matchAll(titled), ...text.matchAll(titledByTable)],
    ...tables.flatMap((rows) => [...rows.matchAll(tableRow)]),
  ].map(({ groups }) => (groups?.title ?? '').replaceAll(/\\(.)/g, '$1'));
};

const longestTitle = 90;

test('a title of a test has at most 90 characters', () => {
  const titles = tests.flatMap((path) => titlesIn(read(path)).map((title) => ({ path, title })));
  expect(titles.length).toBeGreaterThan(1300);
  const long = titles.filter(({ title }) => title.length > longestTitle);
  expect(long.map(({ path, title }) => `${path}, ${title.length}: ${title}`)).toEqual([]);
});
