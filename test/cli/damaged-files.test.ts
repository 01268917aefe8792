/** Files that are damaged, badly named, or for which the disk has no space: one sentence each, and nothing is lost. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import { sqliteStore } from '../../adapters/ledger/sqlite.ts';
import { failureOf } from '../../cli/failure.ts';
import { createFile, replaceFile } from '../../cli/files.ts';
import { openLedger } from '../../cli/local/earlier-run.ts';
import { pushFolder } from '../../cli/local/publish-folder.ts';
import { parseServices } from '../../core/config/parse.ts';
import type { Service } from '../../core/config/service.ts';
import { folderWith, inside, program, shop } from './command-line.ts';

/** Bytes that are no UTF-8, as an archive of another age leaves them. */
const badly = (folder: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/${name}`), Buffer.from([0xff])]);

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
/** Writes half of it, as a disk does that becomes full. */
const halfWritten = (file: string, text: string, { flag }: { flag: 'wx' }): never => {
  writeFileSync(file, text.slice(0, text.length / 2), { flag });
  throw full;
};
const linesOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    return failureOf(error).lines;
  }
  return [];
};

const published = async (folder: string, cwd: string): Promise<string> => {
  const parsed = parseServices({
    shop: {
      image: { kind: 'ecr', repository: 'acme/shop', tags: ['*'] },
      fleet: { kind: 'instances', launchTemplate: 'shop', subnets: ['subnet-0a'], count: 1 },
      rules: [
        'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/a/0123456789abcdef/0123456789abcdef/0123456789abcdef',
      ],
      slots: {
        blue: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/0123456789abcdef',
        green: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/green/0123456789abcdef',
      },
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const [service] = parsed.services as [Service];
  return pushFolder({ folder, cwd, service, registry: join(cwd, '.cutover/registry') }, () => undefined).then(
    () => 'published',
    (error) => failureOf(error).lines.join('\n'),
  );
};

test('a file of an image whose name is not UTF-8 is named, and no half copy stays', async () => {
  const cwd = folderWith(program('app'));
  writeFileSync(badly(join(cwd, 'app'), 'x'), '');
  expect(await published('app', cwd)).toBe(
    `cutover: the name ${join(cwd, 'app', 'x\uFFFD')} is not UTF-8: rename it, then publish again`,
  );
  expect(readdirSync(join(cwd, '.cutover/registry'))).toEqual([]);
});

test('a name with U+FFFD in it that is UTF-8 is published like any other', async () => {
  expect(await published('app', folderWith({ ...program('app'), 'app/x\uFFFD': '' }))).toBe('published');
});

test('an image, a data folder and a current folder whose names are not UTF-8 are refused', async () => {
  const cwd = folderWith({ 'cutover.config.ts': shop });
  const odd = join(cwd, 'odd\uFFFD');
  mkdirSync(badly(cwd, 'odd'));
  const line = `cutover: the name ${odd} is not UTF-8: rename the folder, then name it again`;
  expect(await published('odd\uFFFD', cwd)).toBe(line);
  for (const args of [
    ['local', 'up', '--data', 'odd\uFFFD'],
    ['status', '--data', 'odd\uFFFD'],
  ])
    expect(await inside(cwd, ...args)).toEqual({ code: 2, output: '', errors: `${line}\n` });
  expect(await inside(odd, 'validate')).toEqual({ code: 2, output: '', errors: `${line}\n` });
  expect(readdirSync(cwd).length).toBe(2);
});

test('a configuration whose name is not UTF-8 is refused', async () => {
  const cwd = folderWith();
  writeFileSync(badly(cwd, 'c'), shop);
  expect(await inside(cwd, 'validate', 'c\uFFFD')).toEqual({
    code: 2,
    output: '',
    errors: `cutover: the name ${join(cwd, 'c\uFFFD')} is not UTF-8: rename the file, then name it again\n`,
  });
});

test.each([
  ['is cut in half', '{ "pid": 12, "po', 'something else'],
  ['is empty', '', 'nothing'],
])('a control file that %s is told of, and stays', async (_, text, found) => {
  const cwd = folderWith({ '.cutover/control.json': text });
  const file = join(cwd, '.cutover/control.json');
  expect(await inside(cwd, 'status')).toEqual({
    code: 2,
    output: '',
    errors: `cutover: expected the address of the local cloud in ${file}, found ${found}: end the local cloud, if it runs, and start it again with: cutover local up\n`,
  });
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a folder where the control file belongs is one sentence', async () => {
  const cwd = folderWith();
  mkdirSync(join(cwd, '.cutover/control.json'), { recursive: true });
  expect((await inside(cwd, 'status')).errors).toBe(
    `cutover: ${join(cwd, '.cutover/control.json')} is a folder, and a file was expected: move it away, or name another file\n`,
  );
});

test('a full disk keeps a file as it was, and a new one from existing by half', () => {
  const cwd = folderWith({ 'cutover.config.ts': 'as it was' });
  const [known, fresh] = [join(cwd, 'cutover.config.ts'), join(cwd, 'new.ts')];
  const line = (file: string) => [
    `cutover: the disk is full, ${file} cannot be written: free some space, then try again`,
  ];
  expect(linesOf(() => replaceFile(known, 'something new', { write: halfWritten }))).toEqual(line(known));
  expect(linesOf(() => createFile(fresh, 'something new', halfWritten))).toEqual(line(fresh));
  expect(readdirSync(cwd)).toEqual(['cutover.config.ts']);
  expect(readFileSync(known, 'utf8')).toBe('as it was');
});

test('a replaced file keeps its link and its mode, and a created one replaces none', () => {
  const cwd = folderWith({ real: 'old' });
  symlinkSync('real', join(cwd, 'link'));
  replaceFile(join(cwd, 'link'), 'new', { mode: 0o600 });
  expect(readFileSync(join(cwd, 'real'), 'utf8')).toBe('new');
  expect(statSync(join(cwd, 'real')).mode & 0o777).toBe(0o644);
  expect(() => createFile(join(cwd, 'real'), 'newer')).toThrow(/EEXIST/);
  expect(readFileSync(join(cwd, 'real'), 'utf8')).toBe('new');
});

/** A ledger of some pages, whose file is then damaged. */
const ledgerWith = async (damage: (file: string) => void): Promise<string> => {
  const data = folderWith();
  const file = join(data, 'ledger.sqlite');
  const store = await sqliteStore(file);
  for (let item = 0; item < 50; item++)
    await store.write([{ pk: 'p', sk: String(item), value: 'x'.repeat(1000), when: 'absent' }]);
  store.close();
  damage(file);
  return data;
};

test.each<[string, (file: string) => void]>([
  ['is cut in half', (file) => truncateSync(file, statSync(file).size / 2)],
  [
    'has a page that is overwritten',
    (file) => {
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0xaa, 4096 * 3, 4096 * 8));
    },
  ],
])('a ledger that %s is set aside whole, and a new one begins', async (_, damage) => {
  const data = await ledgerWith(damage);
  const damaged = readFileSync(join(data, 'ledger.sqlite'));
  const { store, note } = await openLedger(data);
  store.close();
  const [, aside = ''] = /is set aside as (\S+), and history begins anew$/.exec(note ?? '') ?? [];
  expect(readFileSync(aside)).toEqual(damaged);
});

test('a ledger on a full disk stays in its place, and the failure passes', async () => {
  const data = await ledgerWith(() => undefined);
  const store = await sqliteStore(join(data, 'ledger.sqlite'));
  const disk = vi.spyOn(StatementSync.prototype, 'run').mockImplementation(() => {
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  const error = await store.write([{ pk: 'p', sk: 'new', value: 1, when: 'any' }]).catch((one) => one);
  disk.mockRestore();
  store.close();
  expect(error).toMatchObject({
    name: 'Transient',
    message: `the disk is full, the ledger ${join(data, 'ledger.sqlite')} cannot be written: free some space, then try again`,
  });
  expect((await openLedger(data)).note).toBe(null);
});

test('a ledger that the system refuses is not set aside', async () => {
  const data = folderWith();
  mkdirSync(join(data, 'ledger.sqlite'));
  await expect(openLedger(data)).rejects.toThrow(/cannot be used .*; it has to be a writable SQLite file$/);
  expect(readdirSync(data)).toEqual(['ledger.sqlite']);
});
