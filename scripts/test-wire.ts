/** `npm run test:wire`: plays whole rollouts with the real SDK over HTTP against moto, which it installs and starts. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pythonPackages } from './python-packages.ts';

/** The version that the tests' account is made for. */
const moto = '5.2.5';
const root = join(import.meta.dirname, '..');
const fail = (why: string): never => {
  console.error(why);
  process.exit(1);
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

const bin = pythonPackages('moto', [`moto[server]==${moto}`]);
const server = join(bin, 'moto_server');
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
  env: { ...process.env, CUTOVER_MOTO: url, CUTOVER_MOTO_PYTHON: join(bin, 'python') },
});
process.exit(await new Promise<number>((resolve) => tests.on('exit', (code) => resolve(code ?? 1))));
