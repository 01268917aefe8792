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

const folders = [
  'core',
  'pipeline',
  'adapters',
  'functions',
  'cli',
  'api',
  'local',
  'infra',
  'report',
  'bench',
  'scripts',
];
const sources = globSync(`{${folders.join(',')}}/**/*.ts`, { cwd: root }).sort();

/** Participles and adjectives that have been names of modules, and say nothing in a list of files. */
const unsaying =
  /^(settled|held|stored|operated|outside|overdue|sight|dead|sick|published|configured|in-words|observed|connected|deployed|documented|recorded|acting|moving|shared|balanced|armed|ending|judging|answering|interrupted|lost|late|known|told|said|whole|own)$/;

test('a module is named by a noun or by what it does', () => {
  expect(sources.length).toBeGreaterThan(200);
  const names = sources.map((path) => ({ path, name: path.replace(/^.*\/|\.ts$/g, '') }));
  expect(names.filter(({ name }) => unsaying.test(name)).map(({ path }) => path)).toEqual([]);
});

/** What is said instead of what, to people. */
const instead: [RegExp, string][] = [
  [/\bsight\b/i, 'statistical power'],
  [/\b(?:sick|dead)\b/i, 'unhealthy'],
  [/\boutside any fleet\b/i, 'orphaned instances'],
  [/\boverdue\b/i, 'stalled'],
  [/\bsettled\b/i, 'closed'],
  [/\bre-?run\b/i, 'retry'],
  [/\bsweep(?:s|ing)?\b/i, 'orphan sweep, or what is done'],
  [/\bwhoever\b/i, 'who it is'],
  [/\bnone of (?:its|their) doing\b/i, 'what it is'],
];

const comments = /^\s*(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*)/gm;
const literals = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

/** Sentences among a source's literals: what has no space is a name. Code inside of them is none. */
const sentencesOf = (path: string): string[] =>
  (read(path).replace(comments, '').match(literals) ?? [])
    .map((literal) => literal.replaceAll(/\$\{[^}]*\}/g, '…'))
    .filter((literal) => /\w \w/.test(literal));

/** A document without its code: what a program or a row calls a thing is its own affair. */
const proseOf = (path: string): string =>
  read(path)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '…');

const wrongIn = (path: string, texts: string[]): string[] =>
  texts.flatMap((text) =>
    instead.flatMap(([word, better]) => {
      const found = word.exec(text);
      if (found === null) return [];
      const around = text.slice(Math.max(0, found.index - 40), found.index + 40).replaceAll(/\s+/g, ' ');
      return [`${path}: say "${better}", not "${found[0]}": ${around}`];
    }),
  );

test('messages say the words of the glossary', () => {
  const spoken = sources.filter((path) => !/^(scripts|bench)\//.test(path));
  expect(spoken.flatMap((path) => wrongIn(path, sentencesOf(path)))).toEqual([]);
});

test('documents say the words of the glossary', () => {
  const documents = globSync('{README.md,docs/*.md}', { cwd: root }).sort();
  expect(documents.flatMap((path) => wrongIn(path, [proseOf(path)]))).toEqual([]);
});

test('the glossary names the terms that replaced others, and no term twice', () => {
  const terms = [...read('docs/glossary.md').matchAll(/^\| (?!word \||---)([^|]+) \|/gm)].flatMap(([, words = '']) =>
    words.split(',').map((word) => word.trim()),
  );
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
  expect(terms).toEqual(expect.arrayContaining(['scaling bounds', 'preflight finding']));
  expect(terms.filter((term) => ['limits', 'fault', 'sight', 'rerun', 'stored'].includes(term))).toEqual([]);
});

test('a configuration key that the glossary names is one of the schema', () => {
  const keys = read('docs/reference/configuration.md');
  const named = [...read('docs/glossary.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, key = '']) => key);
  // The one field of the row that has a line of its own.
  expect(named.filter((key) => key !== 'wanted' && !keys.includes(`\`${key}\``))).toEqual([]);
});
