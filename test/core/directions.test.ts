/** Which way imports point, and what the pure parts must not touch. One rule per folder, read from the sources themselves. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Source {
  path: string;
  /** Without comments and quoted text. */
  code: string;
  /** Files of this repository, from its root, and packages. */
  imports: string[];
}

const importing = /(?:\bfrom|\bimport)\s*\(?\s*(['"])(?<from>[^'"\n]+)\1/g;
const commentsAndTexts = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;
const comments = /^\s*(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*)/gm;

const read = (path: string): Source => {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = [...text.replace(comments, '').matchAll(importing)].map((match) => {
    const from = match.groups?.from as string;
    return from.startsWith('.') ? relative(root, join(root, dirname(path), from)) : from;
  });
  return { path, code: text.replace(commentsAndTexts, ''), imports };
};

const folders = [
  'core',
  'steps',
  'functions',
  'aws',
  'ledger',
  'metrics',
  'report',
  'local',
  'cli',
  'infra',
  'console',
  'bench',
  'scripts',
  'examples',
];
const sources = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }).sort().map(read));
const inside = (folder: string): Source[] => sources.filter(({ path }) => path.startsWith(`${folder}/`));

const breaches = (from: Source[], allowed: (target: string) => boolean): string[] =>
  from.flatMap(({ path, imports }) =>
    imports.filter((target) => !allowed(target)).map((target) => `${path} imports ${target}`),
  );

const under =
  (...allowed: string[]) =>
  (target: string): boolean =>
    allowed.some((place) => target === place || target.startsWith(`${place}/`));
const isPackage = (target: string): boolean =>
  target.startsWith('node:') || !folders.some((folder) => target.startsWith(`${folder}/`));
const isSdk = (target: string): boolean => target.startsWith('@aws-sdk/') || target.startsWith('@smithy/');

describe('imports', () => {
  test('are found at all', () => {
    expect(inside('core').flatMap(({ imports }) => imports)).toContain('core/row.ts');
    expect(inside('steps').flatMap(({ imports }) => imports)).toContain('core/row.ts');
  });

  test('of core lead to core and zod', () => {
    expect(breaches(inside('core'), under('core', 'zod'))).toEqual([]);
  });

  test('of steps lead to core and steps', () => {
    expect(breaches(inside('steps'), under('core', 'steps', 'zod'))).toEqual([]);
  });

  test('of functions lead to core, steps, aws, metrics and ledger', () => {
    const own = under('core', 'steps', 'functions', 'aws', 'ledger', 'metrics', 'statemachines');
    expect(breaches(inside('functions'), (target) => own(target) || isPackage(target))).toEqual([]);
  });

  test.each(['aws', 'ledger'])("of %s lead to core, to the steps' ports and to itself", (folder) => {
    const own = under('core', 'steps/ports.ts', folder);
    // The ledger on DynamoDB shares the one place that knows how SDK calls fail.
    const shared = ['ledger/dynamodb.ts imports aws/client.ts', 'ledger/dynamodb.ts imports aws/failure.ts'];
    const found = breaches(inside(folder), (target) => own(target) || isPackage(target));
    expect(found.filter((breach) => !shared.includes(breach))).toEqual([]);
  });

  test("of metrics lead to core, to the steps' ports, and to CloudWatch in aws", () => {
    const own = under('core', 'steps/ports.ts', 'aws', 'metrics');
    expect(breaches(inside('metrics'), (target) => own(target) || isPackage(target))).toEqual([]);
  });

  test('of report lead nowhere', () => {
    expect(breaches(inside('report'), isPackage)).toEqual([]);
  });

  test('of local lead to local, and to core for its types', () => {
    const own = under('core', 'local', 'statemachines');
    expect(breaches(inside('local'), (target) => own(target) || isPackage(target))).toEqual([]);
  });

  test('of the SDK are in aws, ledger/dynamodb.ts, functions, cli and local', () => {
    const may = under('aws', 'ledger/dynamodb.ts', 'functions', 'cli', 'local');
    expect(
      breaches(
        sources.filter(({ path }) => !may(path)),
        (target) => !isSdk(target),
      ),
    ).toEqual([]);
  });
});

describe('code', () => {
  const finds = (from: Source[], ...banned: RegExp[]): string[] =>
    from.flatMap(({ path, code }) =>
      banned.flatMap((pattern) => code.match(pattern)?.map((found) => `${path} says ${found}`) ?? []),
    );

  test('in core is pure: nothing asynchronous, no clock, no chance, no environment, no output', () => {
    const banned = [
      /\basync\b/,
      /\bawait\b/,
      /\bPromise\b/,
      /\bDate\b/,
      /\bMath\.random\b/,
      /\bprocess\b/,
      /\bglobalThis\b/,
      /\bconsole\b/,
      /\bcrypto\b/,
    ];
    expect(finds(inside('core'), ...banned)).toEqual([]);
  });

  test('waits for nothing outside local, cli, bench and scripts: only the state machine waits', () => {
    const may = under('local', 'cli', 'bench', 'scripts', 'examples');
    const timers = [/\bset(?:Timeout|Interval|Immediate)\b/, /\bAtomics\.wait\b/];
    expect(
      finds(
        sources.filter(({ path }) => !may(path)),
        ...timers,
      ),
    ).toEqual([]);
    expect(
      breaches(
        sources.filter(({ path }) => !may(path)),
        (target) => !target.startsWith('node:timers'),
      ),
    ).toEqual([]);
  });

  test('names neither any nor a class, errors aside, in core and steps', () => {
    const pure = [...inside('core'), ...inside('steps')].filter(({ path }) => path !== 'core/errors.ts');
    expect(finds(pure, /:\s*any\b/, /\bas any\b/, /\bclass\s+\w+/)).toEqual([]);
  });
});
