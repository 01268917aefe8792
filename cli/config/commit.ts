/** The commit that a configuration is at, for the ledger. */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/** Empty where there is no version control. */
export const commitOf = (file: string): string => {
  const git = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], {
    cwd: dirname(file),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return git.status === 0 ? git.stdout.trim() : '';
};
