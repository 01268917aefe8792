/** The package as its users get it: packed, installed into an empty folder, run from there. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const configuration = `
import { defineServices, ecr, instances } from 'cutover';
export default defineServices({
  shop: {
    image: ecr('acme/shop'),
    fleet: instances({ launchTemplate: 'shop', subnets: ['subnet-0a', 'subnet-0b'], count: 4 }),
    rules: ['${arn}:listener-rule/app/shop/0123456789abcdef/0123456789abcdef/0123456789abcdef'],
    slots: { blue: '${arn}:targetgroup/blue/0123456789abcdef', green: '${arn}:targetgroup/green/0123456789abcdef' },
  },
});
`;

let base: string;
let user: string;
let packed: string[];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'cutover-package-'));
  user = join(base, 'user');
  mkdirSync(user);
  const quiet: ExecFileSyncOptionsWithStringEncoding = { cwd: root, encoding: 'utf8', stdio: 'pipe' };
  const [{ filename, files }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', base], quiet).replace(/^[^[]*/, ''),
  );
  packed = files.map(({ path }: { path: string }) => path);
  writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(join(user, 'cutover.config.ts'), configuration);
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(base, filename)];
  execFileSync('npm', install, { ...quiet, cwd: user });
}, 180_000);

afterAll(() => rmSync(base, { recursive: true, force: true }));

const npx = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'cutover', ...args], {
    cwd: user,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('it holds what is run and read, and nothing else', () => {
  const top = new Set(packed.map((path) => path.split('/')[0]));
  expect([...top].sort()).toEqual(
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'].filter((name) => top.has(name)),
  );
  expect(packed).toEqual(
    expect.arrayContaining([
      'dist/cli/cutover.js',
      'dist/core/index.d.ts',
      'dist/infra/cutover.d.ts',
      'dist/lambda/on-alarm/index.mjs',
      'dist/statemachines/rollout.asl.json',
      'dist/statemachines/triggers.json',
      'dist/examples/demo/cutover.config.js',
      'dist/examples/demo/v4/server.mjs',
    ]),
  );
  expect(
    packed.filter((path) => path.includes('node_modules') || path.includes('test/') || /(?<!\.d)\.ts$/.test(path)),
  ).toEqual([]);
});

test('npx cutover --help teaches', () => {
  expect(npx('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('cutover publish ./my-app --service shop'),
  });
});

test('npx cutover validate takes a configuration of four keys', () => {
  expect(npx('validate')).toMatchObject({ status: 0, stdout: 'cutover.config.ts is valid: 1 service (shop)\n' });
});

test('npx cutover plan prints the defaults that filled it up', () => {
  expect(npx('plan', 'shop').stdout).toMatch(/strategy +default +5 % for 5 minutes, /m);
});

test('a program imports defineServices from cutover', () => {
  const script =
    "import { defineServices } from 'cutover'; console.log(Object.keys(defineServices({ shop: {} })).join());";
  expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: user, encoding: 'utf8' })).toBe(
    'shop\n',
  );
});

test('a configuration is checked by TypeScript against the declarations', () => {
  writeFileSync(join(user, 'wrong.ts'), configuration.replace('count: 4', "count: 'four'"));
  const tsc = (file: string) =>
    spawnSync(
      join(root, 'node_modules', '.bin', 'tsc'),
      ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--types', '', file],
      {
        cwd: user,
        encoding: 'utf8',
      },
    ).stdout;
  expect(tsc('cutover.config.ts')).toBe('');
  expect(tsc('wrong.ts')).toContain("Type 'string' is not assignable to type 'number'");
});
