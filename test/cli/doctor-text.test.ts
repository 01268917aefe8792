/** What `cutover doctor` says at its end of the pipeline itself, and of what it cannot see. */
import { expect, test } from 'vitest';
import { tellDeployment } from '../../cli/commands/doctor.ts';
import { terminal } from '../../cli/terminal.ts';

test('an examination says that records in hosted zones of other accounts cannot be seen', () => {
  const said: string[] = [];
  const output = { write: (text: string) => void said.push(text) };
  tellDeployment(terminal(output), { uses: [], findings: [] });
  expect(said.join('')).toBe(
    [
      'the pipeline itself: nothing found',
      '  -  could not look at alias records in hosted zones of other accounts',
      '     if such a record leads to this load balancer, set EvaluateTargetHealth to false on it',
      '',
    ].join('\n'),
  );
});
