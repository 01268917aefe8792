import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { awsError } from '../../local/client.ts';
import { bind } from '../../statemachines/bind.ts';
import { cloudForTests, definition, service, type TestCloud } from './fixture.ts';

const start = (cloud: TestCloud, name: string, input = '{}') =>
  cloud.done(cloud.clients.sfn.send(new StartExecutionCommand({ stateMachineArn: cloud.machine.arn, name, input })));

describe('a call', () => {
  it('takes its latency and is counted', async () => {
    const cloud = cloudForTests();
    const before = cloud.time.now();
    await cloud.done(cloud.clients.ec2.send(new DescribeInstancesCommand({})));
    expect(cloud.time.now() - before).toBe(200);
    expect(cloud.calls.get('ec2:DescribeInstances')).toBe(1);
  });

  it('takes no time with no latency', async () => {
    const cloud = cloudForTests({ latency: 'none' });
    const before = cloud.time.now();
    await cloud.done(cloud.clients.ec2.send(new DescribeInstancesCommand({})));
    expect(cloud.time.now()).toBe(before);
  });

  it('can be throttled by an intercept', async () => {
    const cloud = cloudForTests();
    cloud.intercept((service, command, _input, next) =>
      service === 'elbv2' && command === 'DescribeTargetHealth'
        ? Promise.reject(awsError('ThrottlingException', 'Rate exceeded'))
        : next(),
    );
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: service.slots.blue });
    const throttled = cloud.done(cloud.clients.elbv2.send(command));
    await expect(throttled).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
    cloud.intercept(undefined);
    expect(await cloud.done(cloud.clients.elbv2.send(command))).toMatchObject({ TargetHealthDescriptions: [] });
  });
});

describe('executions', () => {
  it('start once per name and input, and are listed while they run', async () => {
    const cloud = cloudForTests();
    const { executionArn } = await start(cloud, 'shop-1');
    expect((await start(cloud, 'shop-1')).executionArn).toBe(executionArn);
    await expect(start(cloud, 'shop-1', '{"other":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const list = new ListExecutionsCommand({ stateMachineArn: cloud.machine.arn, statusFilter: 'RUNNING' });
    const { executions } = await cloud.done(cloud.clients.sfn.send(list));
    expect(executions?.map(({ name }) => name)).toEqual(['shop-1']);
    await cloud.pass(3700);
    const described = await cloud.done(cloud.clients.sfn.send(new DescribeExecutionCommand({ executionArn })));
    expect(described.status).toBe('SUCCEEDED');
  });

  it('that are stopped put an event on the bus, and can be redriven', async () => {
    const cloud = cloudForTests();
    const { executionArn } = await start(cloud, 'shop-1');
    cloud.machine.stop('shop-1', { error: 'Stopped', cause: 'by hand' });
    await cloud.pass(10);
    const detail = {
      name: 'shop-1',
      status: 'ABORTED',
      redriveCount: 0,
      redriveStatus: 'REDRIVABLE',
      error: 'Stopped',
    };
    expect(cloud.invoked).toMatchObject([{ name: 'on-stopped', event: { source: 'aws.states', detail } }]);
    cloud.machine.redrive('shop-1');
    const described = await cloud.done(cloud.clients.sfn.send(new DescribeExecutionCommand({ executionArn })));
    expect(described).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
  });

  it('of another machine, and tokens of nobody, are refused', async () => {
    const cloud = cloudForTests();
    const other = cloud.done(cloud.clients.sfn.send(new StartExecutionCommand({ stateMachineArn: 'arn:other' })));
    await expect(other).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    const wake = cloud.done(cloud.clients.sfn.send(new SendTaskSuccessCommand({ taskToken: 'x', output: '{}' })));
    await expect(wake).rejects.toMatchObject({ name: 'InvalidToken' });
  });
});

describe('functions', () => {
  it('are called by the machine under the names of its placeholders', async () => {
    const cloud = cloudForTests({
      definition: {
        ...definition,
        StartAt: 'Ask',
        States: { Ask: { Type: 'Task', Resource: `\${on-image}`, Arguments: { asked: 1 }, End: true } },
      },
    });
    await start(cloud, 'shop-1');
    await cloud.pass(60);
    expect(cloud.invoked).toEqual([{ name: 'on-image', event: { asked: 1 } }]);
  });

  it('reach instances by their private address, and nothing else', async () => {
    const cloud = cloudForTests();
    cloud.machines.describe('sick', { errorRate: 1 });
    const subnet = { id: 'subnet-a', zone: 'eu-west-1a' };
    const launched = ['well', 'sick'].map((image) =>
      cloud.world.launch({ ami: 'ami-1', subnet, tags: { 'cutover:image': image }, clientToken: undefined }),
    );
    const get = (address = '') => cloud.fetch(`http://${address}:8080/health`);
    await expect(get(launched[0]?.address)).rejects.toThrow('fetch failed');
    await cloud.pass(60);
    const answers = await Promise.all(launched.map(({ address }) => get(address)));
    expect(answers.map(({ status }) => status)).toEqual([200, 500]);
    await expect(get('10.9.9.9')).rejects.toThrow('nothing at 10.9.9.9');
  });
});

describe('bind', () => {
  it('fills in placeholders and refuses one without a value', () => {
    expect(bind({ a: [`\${x}`] }, { x: '1' })).toEqual({ a: ['1'] });
    expect(() => bind({ a: `\${y}` }, { x: '1' })).toThrow(`\${y}`);
  });
});

describe('setting up', () => {
  it('refuses a rule whose ARN names no listener, saying what it expects', () => {
    const cloud = cloudForTests();
    expect(() => cloud.setUp({ ...service, rules: ['arn:rule'] })).toThrow(/expected a rule like .*found arn:rule/);
  });
});
