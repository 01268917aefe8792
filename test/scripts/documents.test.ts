/** The command blocks of the documents: each line is run by `npm run test:docs`, or listed with the reason why not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { programOf } from '../../cli/main.ts';
import { commandsIn, documents, linesOf, reasonOf, root, stale } from '../../scripts/documents/blocks.ts';

const lines = documents.flatMap(linesOf);

test('a block is read line by line, without comments, and with lines that go on', () => {
  const text =
    'Text\n\n```sh\nnpm ci   # it\ncutover init shop --image "ecr:a#b" \\\n  --local\n```\n\n```ts\nno();\n```\n';
  expect(commandsIn(text)).toEqual(['npm ci', 'cutover init shop --image "ecr:a#b" --local']);
});

test('every listed command stands in its document', () => {
  expect(lines.length).toBeGreaterThan(40);
  expect(stale()).toEqual([]);
});

test('of the cutover commands those that name a deployed stage are listed, and no others', () => {
  const cutover = lines.filter(({ command }) => command.startsWith('cutover '));
  expect(cutover.filter((line) => reasonOf(line) === null).length).toBeGreaterThan(12);
  for (const line of cutover)
    expect([line.command, reasonOf(line) !== null]).toEqual([
      line.command,
      /--stage production|--rule arn:/.test(line.command),
    ]);
});

test('what .ci/run is said to run stands there', () => {
  const ci = readFileSync(join(root, '.ci', 'run'), 'utf8');
  for (const { command } of lines.filter((line) => reasonOf(line) === '.ci/run runs it'))
    for (const part of command.split(' && ')) {
      const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { test: string } };
      expect(part === 'npm run check' ? scripts.test : ci).toContain(part);
    }
});

const silent = { write: () => true };
const program = (): Command => {
  const all = programOf({ output: silent, cwd: '.', stop: new AbortController().signal }, silent, { former: false });
  const mute = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    for (const inner of command.commands) mute(inner);
  };
  mute(all);
  return all;
};

/** As a shell would divide it. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');

test('a cutover command that is not run has arguments and options that exist', async () => {
  const unrun = lines.filter((line) => line.command.startsWith('cutover ') && reasonOf(line) !== null);
  for (const { command } of unrun)
    await expect(program().parseAsync(wordsOf(command).slice(1), { from: 'user' }), command).resolves.toBeDefined();
  await expect(program().parseAsync(['adopt', 'orders', '--dryrun'], { from: 'user' })).rejects.toThrow('--dryrun');
});
