/** Finds, makes, changes and deletes target groups. */
import { isDeepStrictEqual } from 'node:util';
import type * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import { settingsAsked, type TargetGroupSettings, usualSettings } from './target-group-settings.ts';
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

const view = (world: World, group: TargetGroup): elbv2.TargetGroup => ({
  ...group.settings,
  TargetGroupArn: group.arn,
  TargetGroupName: nameOf(group),
  Port: group.port,
  LoadBalancerArns: world.loadBalancersOf(group.arn),
  HealthCheckPath: group.check.path,
  HealthCheckIntervalSeconds: group.check.interval / 1000,
  HealthyThresholdCount: group.check.healthy,
  UnhealthyThresholdCount: group.check.unhealthy,
});

const invalid = (message: string): Error => awsError('ValidationError', message);

const delayKey = 'deregistration_delay.timeout_seconds';
const slowStartKey = 'slow_start.duration_seconds';
const algorithmKey = 'load_balancing.algorithm.type';
const mitigationKey = 'load_balancing.algorithm.anomaly_mitigation';

/** What other attributes may be, with AWS's default first. Of these, the simulation only remembers what it was told. */
const choices: Record<string, readonly string[]> = {
  'stickiness.enabled': ['false'],
  [algorithmKey]: ['round_robin', 'least_outstanding_requests', 'weighted_random'],
  [mitigationKey]: ['off', 'on'],
};

const attributesOf = (group: TargetGroup): elbv2.TargetGroupAttribute[] => [
  { Key: delayKey, Value: String(group.deregistrationDelay / 1000) },
  { Key: slowStartKey, Value: String(group.slowStart ?? 0) },
  ...Object.entries(choices).map(([Key, [usual]]) => ({ Key, Value: group.attributes.get(Key) ?? usual })),
];

/** Throws what AWS throws for attributes that do not go together, or out of bounds; nothing is changed then. */
const requireAttributes = (group: TargetGroup, asked: elbv2.TargetGroupAttribute[]): void => {
  const all = new Map([...attributesOf(group), ...asked].map(({ Key = '', Value = '' }) => [Key, Value]));
  for (const [key, value] of all) {
    const known = choices[key];
    if (known === undefined ? key !== delayKey && key !== slowStartKey : !known.includes(value))
      throw new Error(`local cloud: the target group attribute ${key} = ${value} is not simulated`);
  }
  const [delay, slowStart] = [Number(all.get(delayKey)), Number(all.get(slowStartKey))];
  if (!(delay >= 0 && delay <= 3600)) throw invalid(`'${delayKey}' must be between 0 and 3600, inclusive`);
  if (slowStart !== 0 && !(slowStart >= 30 && slowStart <= 900))
    throw invalid(`'${slowStartKey}' must be 0 or between 30 and 900, inclusive`);
  const algorithm = all.get(algorithmKey);
  const incompatible = (message: string) => awsError('InvalidConfigurationRequestException', message);
  if (slowStart !== 0 && algorithm !== 'round_robin')
    throw incompatible(`Slow start is not supported with the algorithm ${algorithm}`);
  if (all.get(mitigationKey) === 'on' && algorithm !== 'weighted_random')
    throw incompatible(`Anomaly mitigation is only supported with the algorithm weighted_random, not ${algorithm}`);
};

export const emptyTargetGroup = (
  given: Pick<TargetGroup, 'arn' | 'port' | 'check' | 'deregistrationDelay'>,
  settings: Partial<TargetGroupSettings> = {},
): TargetGroup => ({
  ...given,
  settings: { ...usualSettings, ...settings },
  attributes: new Map(),
  targets: new Map(),
  namedBy: 0,
  routing: undefined,
  counts: new Map(),
});

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
        ...Object.keys(usualSettings),
      ]);
      const settings = settingsAsked(input);
      const check = {
        interval: (input.HealthCheckIntervalSeconds ?? 30) * 1000,
        healthy: input.HealthyThresholdCount ?? 5,
        unhealthy: input.UnhealthyThresholdCount ?? 2,
        path: input.HealthCheckPath ?? (settings.ProtocolVersion === 'GRPC' ? '/AWS.ALB/healthcheck' : '/'),
      };
      const there = named(Name);
      const same = (group: TargetGroup): boolean =>
        group.port === Port && isDeepStrictEqual(group.check, check) && isDeepStrictEqual(group.settings, settings);
      if (there !== undefined && !same(there))
        throw awsError(
          'DuplicateTargetGroupNameException',
          `A target group with the same name '${Name}' exists, but with different settings`,
        );
      const id = world.newId('').slice(-16);
      const arn = there?.arn ?? `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${Name}/${id}`;
      const group = there ?? emptyTargetGroup({ arn, port: Port, check, deregistrationDelay: 300_000 }, settings);
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
      requireAttributes(group, input.Attributes ?? []);
      for (const { Key = '', Value = '' } of input.Attributes ?? []) {
        if (Key === delayKey) group.deregistrationDelay = Number(Value) * 1000;
        else if (Key === slowStartKey) group.slowStart = Number(Value);
        else group.attributes.set(Key, Value);
      }
      return { Attributes: attributesOf(group) };
    },
  } satisfies Handlers;
};
