/** The documents against what they speak of: numbers, links, commands, guards. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../cli/main.ts';
import { guards } from '../core/protocol/protocol.ts';
import { kindNames } from './simulator/faults.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...globSync('docs/**/*.md', { cwd: root }),
].sort();
const safety = read('docs/safety.md');

/** Everything that is written as code: fenced blocks line by line, and inline. */
const codeIn = (path: string): string[] => {
  const text = read(path);
  const blocks = [...text.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, block]) => (block as string).split('\n'));
  const inline = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);
  return [...blocks, ...inline];
};

const mentioned = (pattern: RegExp): string[] => [
  ...new Set(
    documents.flatMap(codeIn).flatMap((code) => [...code.matchAll(pattern)].map(([, name]) => name as string)),
  ),
];

test('the reliability document names existing stories and the right number of fault kinds', () => {
  const text = read('docs/reliability.md');
  const themes = [...(text.split('## What hurts')[1] ?? '').matchAll(/^\| (?!theme|---)[^|]+ \| ([^|]+) \|$/gm)].map(
    ([, name = '']) => name.trim(),
  );
  expect(themes).toHaveLength(16);
  const told = globSync('test/**/*.test.ts', { cwd: root }).map(read).join('\n');
  expect(themes.filter((name) => !told.includes(`'${name}'`))).toEqual([]);
  expect(text).toContain(`${kindNames.length} kinds`);
});

test('the index of the documents lists each of them once, with a sentence', () => {
  const index = read('docs/README.md');
  const entries = [...index.matchAll(/^\| \[[^\]]+\]\(([^)]+)\) \| (.+) \|$/gm)];
  const others = globSync('**/*.md', { cwd: join(root, 'docs') }).filter((path) => path !== 'README.md');
  expect(entries.map(([, path = '']) => path).sort()).toEqual(others.sort());
  expect(entries.filter(([, , sentence = '']) => sentence.split(' ').length < 5)).toEqual([]);
  const parts = ['Tutorials', 'How-to', 'Reference', 'Explanation'];
  expect([...index.matchAll(/^## ([\w-]+)/gm)].map(([, part]) => part)).toEqual(parts);
});

describe('the safety document', () => {
  const defined = [...safety.matchAll(/\*\*([RP]\d+)\b/g)].map(([, number]) => number as string);
  const sources = globSync('test/**/*.ts', { cwd: root, exclude: ['test/docs.test.ts'] }).map(read);
  /** Every group of numbers in a quoted text: `… (R4, P19)`, or `P8: …`. */
  const groups = sources.flatMap((source) => [
    ...source.matchAll(/(['"`])(?:[^'"`\n]*\(([RP]\d+(?:, [RP]\d+)*)\)|(P\d+): )[^'"`\n]*\1/g),
  ]);
  const named = new Set(groups.flatMap(([, , many, one]) => (many ?? one ?? '').split(', ')));

  test('numbers rules and clauses from 1 on, each once', () => {
    const numbers = (letter: string) => defined.filter((one) => one.startsWith(letter));
    for (const letter of ['R', 'P'])
      expect(numbers(letter)).toEqual(numbers(letter).map((_, index) => `${letter}${index + 1}`));
    expect(numbers('R')).toHaveLength(10);
  });

  test('numbers nothing that no test names', () => {
    expect(defined.filter((number) => !named.has(number))).toEqual([]);
  });

  test('is known to no test by a number that it does not have', () => {
    expect([...named].filter((number) => !defined.includes(number))).toEqual([]);
  });

  test('has a clause for every transition, with its guards in their order', () => {
    const clauses = [...safety.matchAll(/^\| \*\*P\d+\*\* +\| `(\w+)` +\| ([^|]*)\|/gm)].map(([, name, names]) => [
      name,
      [...(names as string).matchAll(/`(\w+)`/g)].map(([, guard]) => guard),
    ]);
    expect(clauses).toEqual(Object.entries(guards).map(([name, table]) => [name, Object.keys(table)]));
  });
});

describe('every document', () => {
  test('links to what exists', () => {
    const broken = documents.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target as string)
        .filter((target) => !existsSync(join(root, dirname(path), target)))
        .map((target) => `${path} links to ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const names = [...mentioned(/\bnpm run ([\w:-]+)/g), ...mentioned(/\bnpm (start|test)\b/g)];
    expect(names).toContain('start');
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names commands that exist', async () => {
    let help = '';
    await run(['--help'], { output: { write: (text: string) => (help += text) } as never });
    const commands = [...help.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name as string);
    const names = mentioned(/^(?:npx |npm run )?cutover (?:-- )?([a-z]+)/g);
    expect(names).toContain('publish');
    expect(names.filter((name) => !commands.includes(name))).toEqual([]);
  });

  test('stays readable: the README has fewer than 120 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(120);
  });

  test('names folders that exist', () => {
    const folders = mentioned(
      /^(core|pipeline|adapters|functions|statemachines|local|cli|test|docs|bench)\/[\w./-]*$/g,
    );
    expect(folders.filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });
});

describe('every file', () => {
  const passed = new Set(['.git', 'node_modules', 'dist', 'coverage', '.cutover', '.sst']);
  const walk = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !passed.has(name) && !name.endsWith('.log'))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
      });
  const files = walk(root).map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));

  /** Where it occurs as the beginning of a path or as a host, and not within a longer word. */
  const mentions = (text: string): string[] => {
    const pattern = new RegExp(`(?<![\\w./-])${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=[/:"'\\s]|$)`, 'm');
    return files.filter(({ text: written }) => pattern.test(written)).map(({ path }) => path);
  };

  test('is free of this machine: neither its folders nor its registry', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(mentions(root)).toEqual([]);
    if (homedir() !== '/') expect(mentions(homedir())).toEqual([]);
    const locked = [...read('package-lock.json').matchAll(/"resolved": "(\w+:\/\/[^/"]+)/g)].map(([, from]) => from);
    expect(locked.filter((from) => from !== 'https://registry.npmjs.org')).toEqual([]);
    const registry = new URL(process.env.npm_config_registry ?? 'https://registry.npmjs.org').host;
    if (registry !== 'registry.npmjs.org') expect(mentions(registry)).toEqual([]);
  });
});
