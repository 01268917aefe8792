/** Runs a Python program of this folder, with the packages that scripts/test-independent.ts has installed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const python = <Answer>(program: string, given: unknown): Answer => {
  const { CUTOVER_INDEPENDENT: interpreter } = process.env;
  if (interpreter === undefined) throw new Error('these tests are run by npm run test:independent');
  const { status, stdout, stderr } = spawnSync(interpreter, [join(import.meta.dirname, program)], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${program} failed: ${stderr.slice(-4000)}`);
  return JSON.parse(stdout) as Answer;
};
