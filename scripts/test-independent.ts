/**
 * `npm run test:independent`: what this project believes of AWS, held against what others wrote of it: LocalStack's interpreter, botocore's
 * service models, the service authorization data, AWS's sample events. Installs them from PyPI beside the project.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonPackages } from './python-packages.ts';
import { tellStories } from './stories.ts';

const root = join(import.meta.dirname, '..');
const bin = pythonPackages('independent', [
  'localstack-core[base-runtime]==2026.3.0',
  'moto==5.2.5',
  'antlr4-python3-runtime==4.13.2',
  'jsonpath-ng==1.7.0',
  'jsonata-python==0.7.1',
  'policy-sentry==0.15.2',
]);
// One file by its name may need no stories.
if (!process.argv.slice(2).some((one) => one.endsWith('.test.ts'))) tellStories();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const tests = spawnSync(process.execPath, [vitest, 'run', '--project', 'independent', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CUTOVER_INDEPENDENT: join(bin, 'python') },
});
process.exit(tests.status ?? 1);
