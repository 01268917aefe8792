/** The pages of docs/reference are what the code makes now, and complete. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { writtenService } from '../../core/config/schema.ts';
import * as users from '../../core/index.ts';
import { advice, adviceFor } from '../../scripts/reference/advice.ts';
import { reasonsByArea } from '../../scripts/reference/areas.ts';
import { commandsOf, notesOf, program } from '../../scripts/reference/cli.ts';
import { keysOf } from '../../scripts/reference/keys.ts';
import { references } from '../../scripts/reference/references.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'cutover-reference-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.entries(await references()))('%s is what npm run docs makes', (path, text) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text);
});

describe('the reference of the configuration', () => {
  const keys = keysOf(writtenService);

  /** The examples as a module that a user could write. */
  const examples = async (): Promise<unknown[]> => {
    const names = Object.keys(users).filter((name) => name !== 'default');
    const lines = keys.map(({ example }) => `(${example}),`);
    const file = join(folder, 'examples.mjs');
    writeFileSync(file, `export const examples = ({ ${names.join(', ')} }) => [\n${lines.join('\n')}\n];\n`);
    const { examples: made } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
      examples: (helpers: typeof users) => unknown[];
    };
    return made(users);
  };

  test('says of each key its meaning and an example', () => {
    expect(keys.length).toBeGreaterThan(60);
    const lacking = keys.filter(({ description = '', example = '' }) => !description.endsWith('.') || example === '');
    expect(lacking.map(({ path }) => path)).toEqual([]);
  });

  test('says of each value its type', () => {
    const objects = keys.filter(({ path }) => keys.some((other) => other.path.startsWith(`${path}.`)));
    const untyped = keys.filter((key) => key.type === undefined && !objects.includes(key));
    expect(untyped.map(({ path }) => path)).toEqual([]);
  });

  test('gives examples that are accepted where they stand', async () => {
    const values = await examples();
    const exampleOf = (path: string) => values[keys.findIndex((key) => key.path === path)];
    const least = {
      image: exampleOf('image'),
      fleet: exampleOf('fleet'),
      rules: exampleOf('rules'),
      slots: exampleOf('slots'),
    };
    const elements: Record<string, unknown[]> = {
      'checks.smoke': [{ path: '/health' }],
      'strategy.steps': [
        { weight: 50, bake: 60 },
        { weight: 100, bake: 60 },
      ],
    };
    /** The value in all that has to stand around it. */
    const placed = (path: string, value: unknown): Record<string, unknown> => {
      const dot = path.lastIndexOf('.');
      const [parent, name] = [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)];
      if (parent === '') return { ...least, [name]: value };
      if (!parent.endsWith('[]')) return placed(parent, { [name]: value });
      const [first, ...others] = elements[parent.slice(0, -2)] ?? [];
      return placed(parent.slice(0, -2), [{ ...(first as object), [name]: value }, ...others]);
    };
    const refused = keys.flatMap(({ path, variant }, index) => {
      const parent = path.slice(0, Math.max(path.lastIndexOf('.'), 0));
      const siblings = keys.flatMap((other, at) =>
        other.variant === variant && other.path.startsWith(`${parent}.`)
          ? [[other.path.slice(parent.length + 1), values[at]]]
          : [],
      );
      const whole = { ...(variant !== null && { kind: variant }), ...Object.fromEntries(siblings) };
      const service = variant === null && parent !== 'slots' ? placed(path, values[index]) : placed(parent, whole);
      const parsed = users.parseServices({ shop: service });
      return parsed.ok ? [] : parsed.problems.map((problem) => `${path}: ${users.problemText(problem)}`);
    });
    expect(refused).toEqual([]);
  });
});

describe('the reference of the command line', () => {
  const commands = program().commands.flatMap((command) => commandsOf(command, 'cutover'));

  test('says what every argument and every option means', () => {
    expect(commands.length).toBeGreaterThan(15);
    const silent = commands.flatMap(({ name, command }) =>
      [
        ...command.registeredArguments.map((one) => [one.name(), one.description]),
        ...command.options.map((one) => [one.flags, one.description]),
      ]
        .filter(([, description = '']) => description.length < 8)
        .map(([one]) => `${name} ${one}`),
    );
    expect(silent).toEqual([]);
  });

  test('has an example of every command', () => {
    expect(
      commands.filter(({ name, command }) => !notesOf(command).includes(`  ${name}`)).map(({ name }) => name),
    ).toEqual([]);
  });
});

describe('troubleshooting', () => {
  const found = reasonsByArea();
  const texts = found.flatMap(({ reasons }) => reasons.map(({ text }) => text));

  test('finds the reasons in the sources', () => {
    expect(texts.length).toBeGreaterThan(200);
    for (const { area, reasons } of found) expect(reasons.length, area.title).toBeGreaterThan(0);
  });

  test('says what to do about every reason', () => {
    const lacking = found
      .filter(({ area }) => area.otherwise === '')
      .flatMap(({ reasons }) => reasons.filter(({ text, remedy }) => adviceFor(text, remedy) === null));
    expect(lacking.map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });

  test('has no advice about a reason that nobody gives', () => {
    const unused = advice.filter(({ fits }) => !texts.some((text) => fits.test(text)));
    expect(unused.map(({ fits }) => fits.source)).toEqual([]);
  });
});
