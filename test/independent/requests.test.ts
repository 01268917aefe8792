/** Every request that the stories send against botocore's service models, which are AWS's own: members, types, enums, patterns, bounds. */
import { describe, expect, test } from 'vitest';
import commands from '../../infra/commands.json' with { type: 'json' };
import { everyRequest } from '../requests.ts';
import { python } from './python.ts';

type Faults = Record<string, string[]>;
const faultsOf = (requests: Record<string, unknown[]>): Faults => python<Faults>('request_shapes.py', requests);
const kept = everyRequest();

test('every request of every function is one that the service’s model allows', () => {
  expect(faultsOf(kept)).toEqual({});
  const count = Object.values(kept).reduce((sum, list) => sum + list.length, 0);
  console.log(`${count} forms of ${Object.keys(kept).length} commands`);
});

test('there is a request of every command that a function sends', () => {
  const sent = [...new Set(Object.values(commands).flat())];
  expect(sent.filter((command) => kept[command] === undefined)).toEqual([]);
});

describe('the check sees', () => {
  const run = { MinCount: 1, MaxCount: 1 };
  const wrong = {
    'ec2:RunInstances': [
      { ...run, Colour: 'blue' },
      { MinCount: 1 },
      { ...run, EbsOptimized: 'yes' },
      { ...run, InstanceType: 't9.huge' },
    ],
    'autoscaling:DescribeWarmPool': [{ AutoScalingGroupName: '' }],
    'eventbridge:PutEvents': [{ Entries: Array(11).fill({}) }],
    'ecr:DescribeImages': [{ repositoryName: 'Acme Shop' }],
  };
  const faults = Object.values(faultsOf(wrong)).flat().join('\n');

  test.each<[string, string]>([
    ['a member that does not exist', 'Colour: there is no such member'],
    ['one that is missing', 'MaxCount: is missing'],
    ['one of another type', 'EbsOptimized: expected true or false'],
    ['a value outside the enum', "'t9.huge' is none of"],
    ['a text that is too short', '0 is less than 1'],
    ['a list that is too long', '11 is more than 10'],
    ['a name that is not like the pattern', "'Acme Shop' is not like"],
  ])('%s', (_, fault) => {
    expect(faults).toContain(fault);
  });
});
