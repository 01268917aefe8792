/** Target groups of every kind that an Application Load Balancer has: made, shown, told apart and refused as AWS does. */
import {
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { cloudForTests, service } from './fixture.ts';

const open = (setUp: Parameters<typeof cloudForTests>[1] = {}) => {
  const cloud = cloudForTests({}, setUp);
  const { elbv2 } = cloud.clients;
  const TargetGroupArn = service.slots.blue;
  return {
    cloud,
    make: async (input: Partial<CreateTargetGroupCommandInput>) => {
      const sent = elbv2.send(new CreateTargetGroupCommand({ Name: 'made', Port: 8080, ...input }));
      return (await cloud.done(sent)).TargetGroups?.[0];
    },
    set: (attributes: Record<string, string>) => {
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
      return cloud.done(elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes })));
    },
    attributes: async () => {
      const { Attributes = [] } = await cloud.done(
        elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn })),
      );
      return Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]));
    },
  };
};

const kinds: [string, Partial<CreateTargetGroupCommandInput>][] = [
  ['gRPC', { ProtocolVersion: 'GRPC', Matcher: { GrpcCode: '0-99' }, HealthCheckPath: '/grpc.health.v1.Health/Check' }],
  ['HTTPS, checked by HTTPS', { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS', Matcher: { HttpCode: '200,301' } }],
  ['HTTP/2 with a health port of its own', { ProtocolVersion: 'HTTP2', HealthCheckPort: '9000' }],
  ['IP addresses of version 6', { TargetType: 'ip', IpAddressType: 'ipv6' }],
];

describe('a target group', () => {
  test.each(kinds)('of %s is made, shown as it was made, and the same one when made again', async (_, settings) => {
    const { make } = open();
    const made = await make(settings);
    expect(made).toMatchObject(settings);
    expect((await make(settings))?.TargetGroupArn).toBe(made?.TargetGroupArn);
    await expect(make({ ...settings, HealthCheckTimeoutSeconds: 7 })).rejects.toThrow(/different settings/);
  });

  test('has AWS’s defaults, which are others for gRPC', async () => {
    const { make } = open();
    expect(await make({})).toMatchObject({ Matcher: { HttpCode: '200' }, HealthCheckPath: '/', Protocol: 'HTTP' });
    expect(await make({ Name: 'grpc', ProtocolVersion: 'GRPC' })).toMatchObject({
      Matcher: { GrpcCode: '12' },
      HealthCheckPath: '/AWS.ALB/healthcheck',
    });
  });

  test.each([
    [
      'a matcher of the other protocol',
      { ProtocolVersion: 'GRPC', Matcher: { HttpCode: '200' } },
      'matches by GrpcCode',
    ],
    ['a health port that is none', { HealthCheckPort: '0' }, 'must be traffic-port or a port'],
    ['a protocol of another load balancer', { Protocol: 'TCP' }, 'Protocol "TCP" is not simulated'],
  ] as [string, Partial<CreateTargetGroupCommandInput>, string][])('with %s is refused', async (_, settings, words) => {
    await expect(open().make(settings)).rejects.toThrow(words);
  });

  test('shows the port that its checks go to', async () => {
    const { cloud } = open({ targetGroups: { HealthCheckPort: '9000' } });
    const [instance] = [1].map(() =>
      cloud.world.launch({
        ami: 'ami-1',
        subnet: { id: 'subnet-a', zone: 'eu-west-1a' },
        tags: {},
        clientToken: undefined,
      }),
    );
    const group = cloud.world.targetGroups.get(service.slots.blue);
    if (group === undefined || instance === undefined) throw new Error('there is no target group');
    cloud.world.register(group, instance, 8080);
    const health = new DescribeTargetHealthCommand({ TargetGroupArn: group.arn });
    const { TargetHealthDescriptions: [target] = [] } = await cloud.done(cloud.clients.elbv2.send(health));
    expect([target?.Target?.Port, target?.HealthCheckPort]).toEqual([8080, '9000']);
  });
});

describe('attributes of a target group', () => {
  test('weighted random with anomaly mitigation is kept and shown', async () => {
    const { set, attributes } = open();
    const random = {
      'load_balancing.algorithm.type': 'weighted_random',
      'load_balancing.algorithm.anomaly_mitigation': 'on',
    };
    await set(random);
    expect(await attributes()).toMatchObject(random);
  });

  test.each([
    [{ 'load_balancing.algorithm.anomaly_mitigation': 'on' }, 'only supported with the algorithm weighted_random'],
    [
      { 'slow_start.duration_seconds': '60', 'load_balancing.algorithm.type': 'least_outstanding_requests' },
      'Slow start is not supported',
    ],
    [{ 'slow_start.duration_seconds': '5' }, 'must be 0 or between 30 and 900'],
    [{ 'deregistration_delay.timeout_seconds': '4000' }, 'must be between 0 and 3600'],
    [{ 'stickiness.enabled': 'true' }, 'stickiness.enabled = true is not simulated'],
    [{ 'made.up': '1' }, 'made.up = 1 is not simulated'],
  ] as [Record<string, string>, string][])('%j is refused, and nothing is changed', async (asked, words) => {
    const { set, attributes } = open();
    const before = await attributes();
    await expect(set(asked)).rejects.toThrow(words);
    expect(await attributes()).toEqual(before);
  });
});
