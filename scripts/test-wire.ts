/** `npm run test:wire`: whole rollouts with the real SDK over HTTP, against moto, which this installs beside the project and starts. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The version that the tests' account is made for. */
const moto = '5.2.5';
const root = join(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.cache', 'cutover', `moto-${moto}`);
const server = join(folder, 'bin', 'moto_server');

const fail = (why: string): never => {
  console.error(why);
  process.exit(1);
};

const installed = (): void => {
  if (existsSync(server)) return;
  if (spawnSync('python3', ['--version']).status !== 0)
    fail('these tests need Python: install python3 with venv (Debian: apt-get install python3-venv)');
  const made = spawnSync('python3', ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.status !== 0)
    fail(`python3 -m venv does not work (Debian: apt-get install python3-venv): ${made.stderr || made.stdout}`);
  console.log(`installing moto ${moto}`);
  const pip = spawnSync(join(folder, 'bin', 'pip'), ['install', '--quiet', `moto[server]==${moto}`], {
    encoding: 'utf8',
  });
  if (pip.status !== 0) fail(`moto cannot be installed from PyPI: ${pip.stderr.trim()}`);
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

installed();
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const running = spawn(server, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
process.on('exit', () => running.kill());
for (let tries = 0; ; tries++) {
  if (
    await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    )
  )
    break;
  if (tries === 150 || running.exitCode !== null) fail('moto does not answer');
  await wait(200);
}
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
// They wait for bakes and for moto more than they work.
const many = ['--maxWorkers', '4'];
const tests = spawn(process.execPath, [vitest, 'run', '--project', 'wire', ...many, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CUTOVER_MOTO: url },
});
process.exit(await new Promise<number>((resolve) => tests.on('exit', (code) => resolve(code ?? 1))));
