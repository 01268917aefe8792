/** What people get wrong at the command line: one line each, exit code 2, and nothing left behind. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith, inside } from './command-line.ts';

test.each([
  [['statsu'], "unknown command 'statsu'; did you mean status?"],
  [['local', 'pu'], "unknown command 'pu'; did you mean up?"],
  [['history', '--jsno'], "unknown option '--jsno'; did you mean --json?"],
  [['publish', '--service', 'shop'], "missing required argument 'folder'"],
  [['demo', '--port', 'http'], "option '--port <number>' argument 'http' is invalid. expected a port from 1 to 65535."],
  [['validate', 'nothing.ts'], "there is no file nothing.ts: name the configuration's file, such as cutover.config.ts"],
])('cutover %j', async (args, line) => {
  expect(await inside(folderWith(), ...args)).toEqual({ code: 2, output: '', errors: `cutover: ${line}\n` });
});

test.each([
  ['status'],
  ['history'],
  ['publish', 'app', '--service', 'shop'],
  ['deploy', 'shop', 'v1'],
  ['approve', 'shop'],
  ['reject', 'shop'],
  ['abort', 'shop'],
])('cutover %s without a local cloud says how to start one', async (...args) => {
  const cwd = folderWith();
  const { code, output, errors } = await inside(cwd, ...args);
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toBe('cutover: no local cloud is running in ./.cutover: start one with: cutover local up\n');
  expect(readdirSync(cwd)).toEqual([]);
});

test('what an earlier local cloud has left of itself is not taken for a running one', async () => {
  const control = { pid: 1, port: 1, token: 't', machine: 'm', configuration: 'c', urls: {} };
  const cwd = folderWith({ '.cutover/control.json': JSON.stringify(control) });
  expect((await inside(cwd, 'status')).errors).toContain('no local cloud is running in ./.cutover');
  expect(existsSync(`${cwd}/.cutover/ledger.sqlite`)).toBe(false);
});

test('without a command it says what it can do', async () => {
  const { code, output, errors } = await inside(folderWith());
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toContain('cutover publish ./my-app --service shop');
});

test.each([
  'demo',
  'local',
  'publish',
  'plan',
  'status',
  'history',
  'deploy',
  'approve',
  'reject',
  'abort',
  'validate',
  'apply',
])('cutover %s --help teaches', async (command) => {
  const { code, output } = await inside(folderWith(), command, '--help');
  expect(code).toBe(0);
  expect(output).toMatch(/^Usage: cutover /);
});

test.each([
  ['roll', 'deploy', ['shop', 'v1']],
  ['rerun', 'retry', ['shop']],
  ['release', 'unadopt', ['shop']],
])('cutover %s, the former name of %s, still works and says once what it is called now', async (old, now, rest) => {
  const cwd = folderWith();
  const { code, output, errors } = await inside(cwd, old, ...rest);
  const current = await inside(cwd, now, ...rest);
  expect(errors).toBe(`cutover: ${old} is called ${now} now: write cutover ${now}\n${current.errors}`);
  expect({ code, output }).toEqual({ code: current.code, output: current.output });
  expect((await inside(cwd, '--help')).output).not.toMatch(new RegExp(`^  ${old} `, 'm'));
});
