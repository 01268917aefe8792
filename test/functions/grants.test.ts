/** Rights of functions, where their width changes what is answered instead of whether. */
import { expect, test } from 'vitest';
import commands from '../../infra/commands.json' with { type: 'json' };
import { statementsOf } from '../../infra/grants.ts';
import { isAllowed, seenWith } from '../../local/simulated/iam.ts';
import { scope } from '../granted.ts';

/** AWS answers these with less, and refuses nothing, where the right is not on every resource: their API references. */
const narrowing = ['cloudwatch:DescribeAlarms', 'cloudwatch:DescribeAlarmHistory'];

test.each<[string, readonly string[]]>(Object.entries(commands))(
  '%s: calls that a narrower right makes answer less are allowed on everything',
  (_, sent) => {
    const statements = statementsOf(sent, scope);
    for (const action of narrowing.filter((one) => sent.includes(one)))
      expect([action, isAllowed(statements, { action, resource: '*' })]).toEqual([action, true]);
  },
);

test('the simulated account leaves composite alarms out where the right is narrower', () => {
  const action = 'cloudwatch:DescribeAlarms';
  const on = (resource: string) => [{ actions: [action], resources: [resource] }];
  const answer = { MetricAlarms: [], CompositeAlarms: [{ AlarmName: 'both' }] };
  expect(seenWith(on('*'), action, answer)).toEqual(answer);
  expect(seenWith(on('arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*'), action, answer).CompositeAlarms).toEqual([]);
  const changes = { AlarmHistoryItems: [{ AlarmType: 'CompositeAlarm' }, { AlarmType: 'MetricAlarm' }] };
  expect(seenWith([], 'cloudwatch:DescribeAlarmHistory', changes).AlarmHistoryItems).toEqual([
    { AlarmType: 'MetricAlarm' },
  ]);
});

test('public parameters of AWS, which belong to no account, may be read', () => {
  const statements = statementsOf(['ssm:GetParameter'], scope);
  const of = (resource: string) => isAllowed(statements, { action: 'ssm:GetParameter', resource });
  expect(of('arn:aws:ssm:eu-west-1::parameter/aws/service/ami-amazon-linux-latest/al2023')).toBe(true);
  expect(of('arn:aws:ssm:eu-west-1:111122223333:parameter/images/shop')).toBe(true);
  expect(of('arn:aws:ssm:eu-west-1:444455556666:parameter/images/shop')).toBe(false);
});
