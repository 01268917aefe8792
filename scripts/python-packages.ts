/** Installs PyPI packages into a separate environment for each list of packages. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fail = (why: string): never => {
  console.error(why);
  process.exit(1);
};

/** The folder of the environment's programs. */
export const pythonPackages = (name: string, packages: readonly string[]): string => {
  const root = join(import.meta.dirname, '..');
  const hash = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 8);
  const folder = join(root, 'node_modules', '.cache', 'cutover', `${name}-${hash}`);
  const done = join(folder, 'installed');
  const bin = join(folder, 'bin');
  if (existsSync(done)) return bin;
  if (spawnSync('python3', ['--version']).status !== 0)
    fail('these tests need Python: install python3 with venv (Debian: apt-get install python3-venv)');
  const made = spawnSync('python3', ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.status !== 0)
    fail(`python3 -m venv does not work (Debian: apt-get install python3-venv): ${made.stderr || made.stdout}`);
  console.log(`installing ${packages.join(', ')}`);
  const pip = spawnSync(join(bin, 'pip'), ['install', '--quiet', ...packages], { encoding: 'utf8' });
  if (pip.status !== 0) fail(`${packages.join(', ')} cannot be installed from PyPI: ${pip.stderr.trim()}`);
  // An installation that was cut short is made again.
  writeFileSync(done, '');
  return bin;
};
