/** No test sees the caller's shell: not in the test itself, and not in what it starts. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const ofTheCaller = ['TERM', 'COLUMNS', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'LANG', 'LC_ALL', 'AWS_PROFILE', 'AWS_REGION'];

test('a test and the programs that it starts see nothing of the caller’s terminal and account', () => {
  expect(ofTheCaller.filter((name) => process.env[name] !== undefined)).toEqual([]);
  const code = 'console.log(JSON.stringify(process.env))';
  const inherited: Record<string, string> = JSON.parse(
    execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }),
  );
  expect(ofTheCaller.filter((name) => inherited[name] !== undefined)).toEqual([]);
  expect(inherited.AWS_EC2_METADATA_DISABLED).toBe('true');
});
