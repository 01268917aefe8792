/** Configurations and surroundings that end a command in one sentence, whatever they do. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shortened, thrownText } from '../../cli/config/import-guard.ts';
import { failureOf } from '../../cli/failure.ts';
import { cutover, folderWith, inside } from './command-line.ts';

test.each([
  ['calls process.exit', 'process.exit(0);', 'it calls process.exit(0): export the configuration, and exit nowhere'],
  ['throws null', 'throw null;', 'it threw null'],
  ['throws an object', 'throw { a: 1 };', 'it threw an object that is no Error'],
  ['throws a megabyte', "throw new Error('x'.repeat(1e6));", '… (999000 more characters)'],
  ['never settles', 'await new Promise(() => {});', 'it has not finished loading after 15 seconds'],
])(
  'a configuration that %s ends with one sentence',
  async (_, text, says) => {
    const cwd = folderWith({ 'cutover.config.ts': `${text}\nexport default {};\n` });
    const { code, output, errors } = await cutover(cwd, 'validate');
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(says);
    expect(errors).toMatch(/^cutover: cutover\.config\.ts cannot be read.*\n$/);
    expect(errors.length).toBeLessThan(1200);
  },
  60_000,
);

test('whatever is thrown has a text, and a long one is cut', () => {
  expect(thrownText(Object.create(null))).toBe('it threw an object that is no Error');
  expect(thrownText(Symbol('s'))).toBe('it threw Symbol(s)');
  expect(thrownText(Object.assign(new Error('m'), { message: 5 }))).toBe('it threw an object that is no Error');
  expect(shortened('x'.repeat(1000))).toHaveLength(1000);
});

test.each([
  ['ENOSPC', 'the disk is full, /d/f cannot be written: free some space, then try again'],
  ['EROFS', '/d/f is on a read-only file system: use a folder that can be written to'],
  ['EISDIR', '/d/f is a folder, and a file was expected: move it away, or name another file'],
  ['EACCES', 'no permission for /d/f: use a folder that is yours, or correct its permissions'],
])('%s of the system is one sentence and no failure of ours', (code, says) => {
  const error = Object.assign(new Error(`${code}: something, open '/d/f'`), { code, path: '/d/f' });
  expect(failureOf(error)).toEqual({ code: 2, lines: [`cutover: ${says}`] });
});

test('a lock that is no database is a damaged file of the data folder', () => {
  expect(failureOf(Object.assign(new Error('file is not a database'), { errcode: 26 })).lines[0]).toContain('damaged');
});

test('init where nothing may be written says so in one sentence', async () => {
  const cwd = folderWith();
  mkdirSync(join(cwd, 'locked'));
  chmodSync(join(cwd, 'locked'), 0o500);
  writeFileSync(join(cwd, 'file'), '');
  // As root nothing is locked: a file in the place of the folder refuses everybody.
  const where = process.getuid?.() === 0 ? join(cwd, 'file') : join(cwd, 'locked');
  const { code, errors } = await inside(where, 'init', 'shop', '--local');
  expect(code).toBe(2);
  expect(errors).toMatch(/^cutover: (no permission for|a part of the path) .*: .*\n$/);
});
