/** The patches of `npm run rules`: each fits its file once, and the tests that are to notice it exist. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patches, type Tests } from './simulator/patches.ts';

const root = join(import.meta.dirname, '..');

test('every patch fits the sources, and each rule has two at least', () => {
  const edits = patches.flatMap(({ name, also = [], ...first }) => [first, ...also].map((edit) => ({ name, ...edit })));
  const unfit = edits.filter(({ file, find }) => readFileSync(join(root, file), 'utf8').split(find).length !== 2);
  expect(unfit.map(({ name }) => name)).toEqual([]);
  const rules = patches.map(({ rule }) => rule);
  for (let number = 1; number <= 10; number++)
    expect(rules.filter((rule) => rule === `R${number}`).length).toBeGreaterThanOrEqual(2);
});

interface Listed {
  name: string;
  file: string;
  projectName: string;
}

/** What vitest would run of these files. Only running them, without their tests, gives the titles of `test.each` as -t sees them. */
const listed = (files: readonly string[]): Listed[] => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-listed-'));
  try {
    const list = join(folder, 'list.json');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'list', '--no-static-parse', `--json=${list}`, ...files];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 240_000 });
    if (status !== 0)
      throw new Error(`vitest list was expected to end with 0 within 240 s, and not with ${status}: ${stderr}`);
    return JSON.parse(readFileSync(list, 'utf8')) as Listed[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test('every test that a patch names exists in the file and project that it names', () => {
  const named = patches.flatMap(({ name, by }) =>
    by.filter((watcher): watcher is Tests => typeof watcher !== 'string').map((tests) => ({ name, tests })),
  );
  const existing = listed([...new Set(named.map(({ tests }) => tests.file))]);
  const missing = named.filter(
    ({ tests }) =>
      !existing.some(
        ({ name, file, projectName }) =>
          projectName === tests.on && file === join(root, tests.file) && name.includes(tests.named),
      ),
  );
  expect(missing.map(({ name, tests }) => `${name}: "${tests.named}" in ${tests.file} on ${tests.on}`)).toEqual([]);
}, 250_000);
