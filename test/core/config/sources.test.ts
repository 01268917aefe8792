/** What else there is to touch for one more source of images or of figures: each test names the file that lacks it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metricsProviders } from '../../../core/config/providers/providers.ts';
import { imageSources } from '../../../core/config/sources/sources.ts';
import * as users from '../../../core/index.ts';
import { simulatedCommands } from '../../../local/cloud.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const triggers: { function: string; pattern?: { 'detail-type'?: string[] } }[] = JSON.parse(
  read('statemachines/triggers.json'),
);
const commands: Record<string, string[]> = JSON.parse(read('infra/commands.json'));

/** Functions that read a service's figures, and the one that looks up whatever an event names. */
const looking = { image: 'on-image', figures: ['admit', 'judge', 'on-image', 'reconcile'] };

/** `file lacks what`, for each that is lacking. */
const lacking = (file: string, wanted: readonly string[], has: (one: string) => boolean): string[] =>
  wanted.filter((one) => !has(one)).map((one) => `${file} lacks ${one}`);

describe.each(imageSources.map((source) => [source.kind as string, source] as const))('%s', (kind, source) => {
  test('is exported to users by its name', () => {
    expect(lacking('core/index.ts', [kind], (name) => name in users)).toEqual([]);
  });

  test('has an event pattern for each event that it reads', () => {
    const woken = triggers.flatMap((one) => (one.function === 'on-image' ? (one.pattern?.['detail-type'] ?? []) : []));
    expect(lacking('statemachines/triggers.json', Object.keys(source.events), (type) => woken.includes(type))).toEqual(
      [],
    );
  });

  test('has its commands in what functions send, and the local cloud answers them', () => {
    const wanted = Object.keys(source.looksUp);
    const sends = (one: string) => commands[looking.image]?.includes(one) ?? false;
    expect(lacking(`infra/commands.json, ${looking.image},`, wanted, sends)).toEqual([]);
    const answered = Object.entries(simulatedCommands).flatMap(([of, names]) => names.map((name) => `${of}:${name}`));
    expect(lacking('local/cloud.ts', wanted, (one) => answered.includes(one))).toEqual([]);
  });

  test('is read from what `cutover init` takes, and written as the configuration spells it', () => {
    const written = source.option.read(source.option.like);
    expect(written.kind).toBe(kind);
    expect(source.written(written, (text) => `'${text}'`)).not.toContain('undefined');
  });

  test('is described to users', () => {
    expect(lacking('README.md', [`${kind}(`], (text) => read('README.md').includes(text))).toEqual([]);
    expect(
      lacking('core/config/schema.ts, image,', [`${kind}(`], (text) => read('core/config/schema.ts').includes(text)),
    ).toEqual([]);
  });
});

describe.each(metricsProviders.map((one) => [one.kind as string, one] as const))('%s', (kind, provider) => {
  test('is exported to users by its name', () => {
    expect(lacking('core/index.ts', [kind], (name) => name in users)).toEqual([]);
  });

  test('has its commands in what functions send, and the local cloud answers them', () => {
    const wanted = Object.keys(provider.looksUp);
    for (const name of looking.figures)
      expect(lacking(`infra/commands.json, ${name},`, wanted, (one) => commands[name]?.includes(one) ?? false)).toEqual(
        [],
      );
  });
});

test('a source is spelled in its modules, in the lists and in what users import alone', () => {
  const files = ['core', 'pipeline', 'adapters', 'functions', 'infra', 'cli', 'report'].flatMap((folder) =>
    globSync(`${folder}/**/*.ts`, { cwd: root }),
  );
  expect(files.filter((path) => /\bimageBuilder\b/.test(read(path))).sort()).toEqual([
    'adapters/aws/images/image-builder.ts',
    'adapters/aws/images/images.ts',
    'core/config/define.ts',
    'core/config/schema.ts',
    'core/config/sources/image-builder.ts',
    'core/index.ts',
  ]);
});
