/** Which way imports point, and what the pure parts must not touch. One rule per folder, read from the sources themselves. */
import { globSync, readdirSync, readFileSync } from 'node:fs';
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
  'pipeline',
  'adapters',
  'functions',
  'report',
  'local',
  'cli',
  'infra',
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

const ofThis = (folder: string, ...others: string[]): ((target: string) => boolean) => {
  const own = under(folder, ...others);
  return (target) => own(target) || isPackage(target);
};

describe('imports', () => {
  test('are found at all', () => {
    expect(inside('core').flatMap(({ imports }) => imports)).toContain('core/protocol/row.ts');
    expect(inside('pipeline').flatMap(({ imports }) => imports)).toContain('core/protocol/row.ts');
  });

  test('of core lead to core and zod', () => {
    expect(breaches(inside('core'), under('core', 'zod'))).toEqual([]);
  });

  test('inside core lead one way: basics, config, release, plan, analysis, protocol, fleet, policy', () => {
    const below: Record<string, string[]> = {
      basics: [],
      config: ['basics'],
      release: ['basics', 'config'],
      plan: ['basics', 'config', 'release'],
      analysis: ['basics', 'config', 'release', 'plan'],
      protocol: ['basics', 'config', 'release', 'plan'],
      fleet: ['basics', 'config', 'release', 'plan', 'analysis', 'protocol'],
      policy: ['basics', 'config', 'release', 'plan', 'analysis', 'protocol', 'fleet'],
    };
    for (const [folder, others] of Object.entries(below)) {
      const may = under(...[folder, ...others].map((name) => `core/${name}`), 'zod');
      expect(breaches(inside(`core/${folder}`), may)).toEqual([]);
    }
    expect(readdirSync(join(root, 'core')).filter((name) => below[name] === undefined)).toEqual(['index.ts']);
  });

  test('of pipeline lead to core and pipeline', () => {
    expect(breaches(inside('pipeline'), under('core', 'pipeline', 'zod'))).toEqual([]);
  });

  test('of the ports lead to core and to other ports', () => {
    expect(breaches(inside('pipeline/ports'), under('core', 'pipeline/ports'))).toEqual([]);
  });

  test('inside pipeline lead one way: ports, shared, states and operations, triggers and reconcile', () => {
    const below: Record<string, string[]> = {
      ports: [],
      shared: ['ports'],
      states: ['ports', 'shared'],
      operations: ['ports', 'shared'],
      triggers: ['ports', 'shared', 'operations'],
      reconcile: ['ports', 'shared', 'operations'],
    };
    for (const [folder, others] of Object.entries(below)) {
      const may = under(...[folder, ...others].map((name) => `pipeline/${name}`), 'core', 'zod');
      expect(breaches(inside(`pipeline/${folder}`), may)).toEqual([]);
    }
    expect(readdirSync(join(root, 'pipeline')).sort()).toEqual(Object.keys(below).sort());
  });

  test.each(['states', 'triggers'])(
    'of pipeline/%s lead to no other file there: each is an entry of its own',
    (folder) => {
      expect(breaches(inside(`pipeline/${folder}`), (target) => !target.startsWith(`pipeline/${folder}/`))).toEqual([]);
    },
  );

  test('of adapters lead to core, to the ports and to adapters', () => {
    expect(breaches(inside('adapters'), ofThis('adapters', 'core', 'pipeline/ports'))).toEqual([]);
  });

  test('of functions lead to core, pipeline, adapters and the machine files', () => {
    expect(breaches(inside('functions'), ofThis('functions', 'core', 'pipeline', 'adapters', 'statemachines'))).toEqual(
      [],
    );
  });

  test('of report lead to report alone', () => {
    expect(breaches(inside('report'), ofThis('report'))).toEqual([]);
  });

  test('of local lead to local, the machine files and core', () => {
    expect(breaches(inside('local'), ofThis('local', 'core', 'statemachines'))).toEqual([]);
  });

  test('of the SDK are in adapters, functions, cli and local', () => {
    const may = under('adapters', 'functions', 'cli', 'local');
    expect(
      breaches(
        sources.filter(({ path }) => !may(path)),
        (target) => !isSdk(target),
      ),
    ).toEqual([]);
  });
});

/** Each file that a cycle goes through, with what it imports on the way: whoever imports nothing that is left, or is imported by nobody that is left, is taken away. */
const cyclesOf = (from: Pick<Source, 'path' | 'imports'>[]): string[] => {
  let left = from;
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const importing = left.flatMap(({ imports }) => imports);
    left = left.filter(({ path, imports }) => {
      const leadsOn = imports.some((target) => left.some((other) => other.path === target));
      return leadsOn && importing.includes(path);
    });
  }
  const paths = left.map(({ path }) => path);
  return left.map(({ path, imports }) => `${path} imports ${imports.filter((one) => paths.includes(one)).join(', ')}`);
};

describe('a cycle of imports', () => {
  test('is found, however long it is, and whatever leads to it and away from it', () => {
    const files = Object.entries({ a: ['b'], b: ['c'], c: ['d'], d: ['b', 'e'], e: [], f: ['a', 'zod'] });
    const cycles = cyclesOf(files.map(([path, imports]) => ({ path, imports })));
    expect(cycles).toEqual(['b imports c', 'c imports d', 'd imports b']);
    expect(
      cyclesOf([
        { path: 'a', imports: ['b'] },
        { path: 'b', imports: [] },
      ]),
    ).toEqual([]);
  });

  test('is nowhere, imports of types alone included', () => {
    expect(sources.length).toBeGreaterThan(400);
    expect(cyclesOf(sources)).toEqual([]);
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

  test('in pipeline and adapters takes the time from its ports and leaves nothing to chance', () => {
    // A date may be made of a time that was handed in; one of nothing is the clock.
    const banned = [
      /\bDate\.now\b/,
      /\bnew Date\b(?!\()|\bnew Date\(\s*\)/,
      /(?<!new )(?<!\.)\bDate\(/,
      /\bMath\.random\b/,
      /\brandom(?:UUID|Bytes|Int)\b/,
      /\bgetRandomValues\b/,
      /\bperformance\b/,
      /\bhrtime\b/,
    ];
    expect(finds([...inside('pipeline'), ...inside('adapters')], ...banned)).toEqual([]);
  });

  test('in pipeline reads no environment and prints nothing', () => {
    expect(finds(inside('pipeline'), /\bprocess\b/, /\bglobalThis\b/, /\bconsole\s*\./, /\bfetch\b/)).toEqual([]);
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

  test('names neither any nor a class, errors aside, in core and pipeline', () => {
    const pure = [...inside('core'), ...inside('pipeline')].filter(({ path }) => path !== 'core/basics/errors.ts');
    expect(finds(pure, /:\s*any\b/, /\bas any\b/, /\bclass\s+\w+/)).toEqual([]);
  });
});
