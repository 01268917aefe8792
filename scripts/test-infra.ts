/**
 * `npm run test:infra`: the stack as SST's own components make it, and the proof that no role allows more or less than its function sends.
 * Lays SST's components out first (npm, about a minute, 320 MB in .sst), and tells the stories if their recordings are older than the code.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everySent } from '../test/recorded.ts';
import { tellStories } from './stories.ts';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');

const run = (file: string, args: string[], env: Record<string, string> = {}, stdio: 'inherit' | 'pipe' = 'inherit') =>
  spawnSync(file, args, { cwd: root, stdio, encoding: 'utf8', env: { ...process.env, ...env } });
const vitest = (args: string[], env: Record<string, string> = {}): number =>
  run(process.execPath, [join(modules, 'vitest', 'vitest.mjs'), 'run', ...args], env).status ?? 1;

const fail = (why: string): never => {
  console.error(why);
  process.exit(1);
};

const platform = (): void => {
  const { version } = JSON.parse(readFileSync(join(modules, 'sst', 'package.json'), 'utf8')) as { version: string };
  const laidOut = join(root, '.sst', 'platform', 'version');
  if (existsSync(laidOut) && readFileSync(laidOut, 'utf8').includes(version)) return;
  console.log(`laying out the components of SST ${version}`);
  const quiet = { SST_NO_BUN: '1', SST_SKIP_DEPENDENCY_CHECK: '1', SST_TELEMETRY_DISABLED: '1' };
  const { status, stdout, stderr } = run(join(modules, '.bin', 'sst'), ['install', '--stage', 'test'], quiet, 'pipe');
  if (status !== 0) fail(`sst install failed: ${stdout}${stderr}`);
};

/** The component is tested as it is published. */
const build = (): void => {
  if (run(process.execPath, [join(root, 'scripts', 'build.ts')]).status !== 0) fail('the package cannot be built');
};

/** SST's sources do not pass under every compiler; what is ours has to. */
const types = (): void => {
  const { stdout } = run(join(modules, '.bin', 'tsc'), ['--noEmit', '-p', 'infra/tsconfig.json'], {}, 'pipe');
  const ours = stdout.split('\n').filter((line) => /^(infra\/|sst\.config)/.test(line));
  if (ours.length > 0) fail(ours.join('\n'));
};

tellStories();
if (process.argv.includes('--update')) {
  const sent = Object.fromEntries(Object.entries(everySent()).sort());
  writeFileSync(join(root, 'infra', 'commands.json'), `${JSON.stringify(sent, null, 2)}\n`);
  console.log('infra/commands.json is what they have sent');
}
// sst.config.ts names the built component.
build();
platform();
types();
process.exit(
  vitest(['--project', 'infra', ...process.argv.slice(2).filter((one) => one !== '--update')], { CUTOVER_INFRA: '1' }),
);
