/** Target groups as such: found, made, changed, deleted. */
import type * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import type { TargetGroup } from './target-health.ts';
import { account, region, type World } from './world.ts';

const mostPerPage = 400;

export const groupOf = (world: World, arn: string | undefined): TargetGroup => {
  const group = world.targetGroups.get(arn ?? '');
  if (group === undefined)
    throw awsError('TargetGroupNotFoundException', `One or more target groups not found: ${arn}`);
  return group;
};

const nameOf = ({ arn }: TargetGroup): string => arn.split('/').at(-2) ?? '';

/** What all target groups here have in common. */
const common = {
  Protocol: 'HTTP',
  ProtocolVersion: 'HTTP1',
  TargetType: 'instance',
  VpcId: 'vpc-0a1b2c3d',
  IpAddressType: 'ipv4',
  HealthCheckEnabled: true,
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckTimeoutSeconds: 5,
  Matcher: { HttpCode: '200-399' },
} as const;

const view = (world: World, group: TargetGroup): elbv2.TargetGroup => ({
  ...common,
  TargetGroupArn: group.arn,
  TargetGroupName: nameOf(group),
  Port: group.port,
  LoadBalancerArns: world.loadBalancersOf(group.arn),
  HealthCheckPath: group.check.path,
  HealthCheckIntervalSeconds: group.check.interval / 1000,
  HealthyThresholdCount: group.check.healthy,
  UnhealthyThresholdCount: group.check.unhealthy,
});

const delayKey = 'deregistration_delay.timeout_seconds';
const slowStartKey = 'slow_start.duration_seconds';

const attributesOf = (group: TargetGroup): elbv2.TargetGroupAttribute[] => [
  { Key: delayKey, Value: String(group.deregistrationDelay / 1000) },
  { Key: slowStartKey, Value: String(group.slowStart ?? 0) },
  { Key: 'stickiness.enabled', Value: 'false' },
  { Key: 'load_balancing.algorithm.type', Value: 'round_robin' },
];

export const emptyTargetGroup = (
  given: Pick<TargetGroup, 'arn' | 'port' | 'check' | 'deregistrationDelay'>,
): TargetGroup => ({ ...given, targets: new Map(), namedBy: 0, routing: undefined, counts: new Map() });

export const targetGroupHandlers = (world: World) => {
  const named = (name: string | undefined): TargetGroup | undefined =>
    [...world.targetGroups.values()].find((group) => nameOf(group) === name);

  return {
    DescribeTargetGroups: (
      input: elbv2.DescribeTargetGroupsCommandInput,
    ): Answer<elbv2.DescribeTargetGroupsCommandOutput> => {
      only('elbv2 DescribeTargetGroups', input, ['TargetGroupArns', 'Names', 'Marker', 'PageSize']);
      const byName = input.Names?.map((name) => {
        const group = named(name);
        if (group === undefined)
          throw awsError('TargetGroupNotFoundException', `One or more target groups not found: ${name}`);
        return group;
      });
      const groups = byName ??
        input.TargetGroupArns?.map((arn) => groupOf(world, arn)) ?? [...world.targetGroups.values()];
      const { items, next } = page(groups, input.PageSize ?? mostPerPage, input.Marker);
      return { TargetGroups: items.map((group) => view(world, group)), NextMarker: next };
    },

    CreateTargetGroup: (input: elbv2.CreateTargetGroupCommandInput): Answer<elbv2.CreateTargetGroupCommandOutput> => {
      const { Name = '', Port = 80, Tags = [] } = input;
      only('elbv2 CreateTargetGroup', input, [
        'Name',
        'Port',
        'Tags',
        'HealthCheckPath',
        'HealthCheckIntervalSeconds',
        'HealthyThresholdCount',
        'UnhealthyThresholdCount',
        ...Object.keys(common),
      ]);
      for (const [key, value] of Object.entries(common)) {
        const asked = (input as unknown as Record<string, unknown>)[key];
        if (asked !== undefined && JSON.stringify(asked) !== JSON.stringify(value))
          throw new Error(`local cloud: a target group with ${key} ${JSON.stringify(asked)} is not simulated`);
      }
      const check = {
        interval: (input.HealthCheckIntervalSeconds ?? 30) * 1000,
        healthy: input.HealthyThresholdCount ?? 5,
        unhealthy: input.UnhealthyThresholdCount ?? 2,
        path: input.HealthCheckPath ?? '/',
      };
      const there = named(Name);
      if (there !== undefined && (there.port !== Port || JSON.stringify(there.check) !== JSON.stringify(check)))
        throw awsError(
          'DuplicateTargetGroupNameException',
          `A target group with the same name '${Name}' exists, but with different settings`,
        );
      const id = world.newId('').slice(-16);
      const arn = there?.arn ?? `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${Name}/${id}`;
      const group = there ?? emptyTargetGroup({ arn, port: Port, check, deregistrationDelay: 300_000 });
      world.targetGroups.set(arn, group);
      world.tags.set(arn, {
        ...world.tags.get(arn),
        ...Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      });
      return { TargetGroups: [view(world, group)] };
    },

    DeleteTargetGroup: (input: elbv2.DeleteTargetGroupCommandInput): Answer<elbv2.DeleteTargetGroupCommandOutput> => {
      only('elbv2 DeleteTargetGroup', input, ['TargetGroupArn']);
      const arn = input.TargetGroupArn ?? '';
      if ((world.targetGroups.get(arn)?.namedBy ?? 0) > 0)
        throw awsError('ResourceInUseException', `Target group '${arn}' is currently in use by a listener or a rule`);
      world.targetGroups.delete(arn);
      world.tags.delete(arn);
      return {};
    },

    DescribeTargetGroupAttributes: (
      input: elbv2.DescribeTargetGroupAttributesCommandInput,
    ): Answer<elbv2.DescribeTargetGroupAttributesCommandOutput> => {
      only('elbv2 DescribeTargetGroupAttributes', input, ['TargetGroupArn']);
      return { Attributes: attributesOf(groupOf(world, input.TargetGroupArn)) };
    },

    ModifyTargetGroupAttributes: (
      input: elbv2.ModifyTargetGroupAttributesCommandInput,
    ): Answer<elbv2.ModifyTargetGroupAttributesCommandOutput> => {
      only('elbv2 ModifyTargetGroupAttributes', input, ['TargetGroupArn', 'Attributes']);
      const group = groupOf(world, input.TargetGroupArn);
      for (const { Key, Value } of input.Attributes ?? []) {
        if (Key === delayKey) group.deregistrationDelay = Number(Value) * 1000;
        else if (Key === slowStartKey) group.slowStart = Number(Value);
        else if (attributesOf(group).find((one) => one.Key === Key)?.Value !== Value)
          throw new Error(`local cloud: the target group attribute ${Key} = ${Value} is not simulated`);
      }
      return { Attributes: attributesOf(group) };
    },
  } satisfies Handlers;
};
