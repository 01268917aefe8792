/** Builds dist/, which the package publishes: JavaScript, Lambda bundles, type declarations and data files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, functionNames } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const tsc = (...args: string[]): void => {
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
};

rmSync(dist, { recursive: true, force: true });
tsc('--project', 'tsconfig.build.json');
// What SST is, is known in an app of SST alone: `npm run test:infra` checks these types, here they are taken off.
tsc('--project', 'infra/tsconfig.build.json');
// Only core/ and the component are imported by others: nobody else's types are promised.
const options =
  '--module nodenext --target es2024 --strict --exactOptionalPropertyTypes --rewriteRelativeImportExtensions --skipLibCheck';
tsc(
  ...`--ignoreConfig ${options} --declaration --emitDeclarationOnly --rootDir . --outDir dist core/index.ts`.split(' '),
);

for (const name of readdirSync(join(root, 'statemachines')).filter((file) => file.endsWith('.json')))
  cpSync(join(root, 'statemachines', name), join(dist, 'statemachines', name));
cpSync(join(root, 'infra', 'commands.json'), join(dist, 'infra', 'commands.json'));
for (const image of ['v1', 'v2', 'v3', 'v4'])
  cpSync(join(root, 'examples', 'demo', image), join(dist, 'examples', 'demo', image), { recursive: true });
chmodSync(join(dist, 'cli', 'cutover.js'), 0o755);
for (const name of functionNames(root)) await bundle(root, name);
