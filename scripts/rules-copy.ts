/** A copy of the sources to break, and the checks that run in it: chaos, or tests by name. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Watcher } from '../test/simulator/patches.ts';
import { type Ended, ofChaos, ofTests, type Report, type Verdict } from './rules-caught.ts';

export const root = join(import.meta.dirname, '..');
/** All that chaos and the tests of the patches read, including what test/build.ts needs. */
export const copied = [
  ...['adapters', 'core', 'functions', 'infra', 'local', 'pipeline', 'report', 'scripts', 'statemachines'],
  ...['package.json', 'tsconfig.json', 'vitest.config.ts'],
  ...globSync('test/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts')),
  ...['core', 'model', 'scenarios', 'simulator'].map((name) => join('test', name)),
];

/** Milliseconds after which a run is ended, and has failed. */
const longest = 15 * 60_000;

const folders: string[] = [];
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Its packages are the same ones; what tests keep beside them is its own. Gone when this process ends. */
export const createCopy = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-rules-'));
  folders.push(folder);
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(packages, name));
  return folder;
};

const run = (folder: string, args: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: '1' };
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const ended: Ended = { code: null, out: '', err: '', late: false };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.err += text;
    });
    const timer = setTimeout(() => {
      ended.late = true;
      child.kill();
    }, longest);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ ...ended, code });
    });
  });

const reportIn = (path: string): Report | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return null;
  }
};

export const nameOf = (watcher: Watcher): string =>
  typeof watcher === 'string' ? `chaos on ${watcher}` : `${watcher.file} on ${watcher.on}, "${watcher.named}"`;

/** Seeds are chaos's: so many of them, from `from` on. */
export const watch = async (
  folder: string,
  watcher: Watcher,
  { from = 1, seeds }: { from?: number; seeds: number },
): Promise<Verdict> => {
  if (typeof watcher === 'string') {
    const numbers = ['--from', String(from), '--seeds', String(seeds)];
    const args = ['scripts/chaos.ts', ...numbers, '--fleet', watcher, '--cores', '1', '--first'];
    return ofChaos(await run(folder, args), seeds);
  }
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const literally = watcher.named.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const ended = await run(folder, [
    ...['node_modules/vitest/vitest.mjs', 'run', '--project', watcher.on, watcher.file, '-t', literally],
    ...['--reporter', 'default', '--reporter', 'json', `--outputFile.json=${report}`],
  ]);
  return ofTests(ended, reportIn(report));
};
