/** One local cloud per data folder, and what a person reads when that is not to be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Rejected } from '../../core/basics/errors.ts';
import { openDataFolder } from '../../local/data-folder.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'cutover-data-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const refusal = (open: () => unknown): string => {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(Rejected);
    return (error as Error).message;
  }
  return 'not refused';
};

const module = join(import.meta.dirname, '../../local/data-folder.ts');

/** Another process that opens the folder and stays. */
const another = async (path: string) => {
  const code = `const { openDataFolder } = await import(${JSON.stringify(module)});
    openDataFolder(${JSON.stringify(path)}); console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
};

test('a new folder is made, for its owner only, with nothing to say about it', () => {
  const path = join(base, 'a', 'b');
  const folder = openDataFolder(path);
  expect(folder.note).toBe(null);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  folder.close();
  folder.close();
  expect(openDataFolder(path).note).toBe(null);
});

test('a folder in use is refused, naming who uses it', async () => {
  const mine = openDataFolder(base);
  expect(refusal(() => openDataFolder(base))).toBe(
    `another cutover local cloud (pid ${process.pid}) uses ${base}; stop it or give --data another folder`,
  );
  mine.close();
  const other = await another(base);
  expect(refusal(() => openDataFolder(base))).toContain(`(pid ${other.pid})`);
  other.kill();
  await once(other, 'exit');
});

test('what a killed local cloud leaves behind does not hold the next one up', async () => {
  const other = await another(base);
  other.kill('SIGKILL');
  await once(other, 'exit');
  const folder = openDataFolder(base);
  expect(folder.note).toBe(
    `an earlier local cloud (pid ${other.pid}) ended without cleaning up; carrying on from what it left`,
  );
  expect(refusal(() => openDataFolder(base))).toContain(`(pid ${process.pid})`);
  folder.close();
});

test('a file where the data folder should be is refused in one line', () => {
  const file = join(base, 'file');
  writeFileSync(file, 'mine');
  for (const path of [file, join(file, 'inside')])
    expect(refusal(() => openDataFolder(path))).toBe(`expected a folder, found the file ${file}: give --data a folder`);
});

test.each(['lock', 'ledger.sqlite', 'control.json', 'ports.json'])('a folder where %s belongs is refused', (name) => {
  mkdirSync(join(base, name));
  expect(refusal(() => openDataFolder(base))).toBe(
    `expected a file, found the folder ${join(base, name)}: move it away, then start again`,
  );
  expect(readdirSync(base)).toEqual([name]);
});

test.each(['registry', 'processes'])('a file where the folder %s belongs is refused', (name) => {
  writeFileSync(join(base, name), '');
  expect(refusal(() => openDataFolder(base))).toBe(
    `expected a folder, found the file ${join(base, name)}: move it away, then start again`,
  );
  expect(readdirSync(base)).toEqual([name]);
});

test.each([
  ['somebody else’s file', (lock: string) => writeFileSync(lock, 'no database, though as long as one'.repeat(40))],
  ['cut in half', (lock: string) => truncateSync(lock, statSync(lock).size / 2)],
])('a lock that is %s is refused, and removing it helps', (_, damage) => {
  openDataFolder(base).close();
  const lock = join(base, 'lock');
  damage(lock);
  expect(refusal(() => openDataFolder(base))).toBe(
    `expected a lock of cutover's, found the damaged file ${lock}: end the local cloud that uses the folder, if one does, remove the file, then start again`,
  );
  rmSync(lock);
  openDataFolder(base).close();
});
