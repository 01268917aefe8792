/** What CI and the documents' commands do with a program that hangs: it is ended, and a sentence says so. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../scripts/documents/running.ts';
import { folderWith } from '../cli/command-line.ts';

const root = join(import.meta.dirname, '..', '..');
const ci = readFileSync(join(root, '.ci', 'run'), 'utf8');
const [within = ''] = /^within\(\) \{\n.*?^\}$/ms.exec(ci) ?? [];

test('every program that .ci/run starts has a time limit', () => {
  const starts = ci.split('\n').filter((line) => /^\s*(timed|begin) '|^ {2}.*\bnpm start/.test(line));
  expect(starts.length).toBeGreaterThan(10);
  expect(starts.filter((line) => !/\bwithin \d+ |\b(demo|hostile) /.test(line))).toEqual([]);
});

test('a program that hangs is ended by .ci/run, which says how long it had', () => {
  const script = `${within}\nwithin 0.02 sleep 60`;
  const { status, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 30_000 });
  expect({ status, stdout }).toEqual({
    status: 124,
    stdout: 'expected to end within 0.02 minutes: sleep 60; it hung, and was ended\n',
  });
});

test('a program that ends in time gives its own exit code, and nothing is said', () => {
  const { status, stdout } = spawnSync('bash', ['-c', `${within}\nwithin 1 sh -c 'exit 3'`], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
});

const place = { folder: folderWith(), env: process.env };

test('a command of a document that hangs is ended, with what it had said', async () => {
  expect(await run('echo begun; sleep 60', place, root, 500)).toBe(
    'expected it to end within 0.5 s, and it had not: it was ended. It had said:\nbegun',
  );
});

test('what a command leaves running does not hold it up', { timeout: 30_000 }, async () => {
  expect(await run('setsid sleep 20 & echo done', place, root)).toBe(null);
});
