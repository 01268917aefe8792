/** Elastic Load Balancing v2: rules with weights, target groups, targets and their health. */
import type * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { arnParts } from '../../core/basics/arn.ts';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import { forwardsOf, type Listener, type Rule } from './load-balancing.ts';
import { groupOf, targetGroupHandlers } from './target-groups.ts';
import { isDraining, type Target, type TargetGroup } from './target-health.ts';
import type { World } from './world.ts';

const mostPerPage = 400;

const notFound: elbv2.Action[] = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];

const ruleView = ({ arn, priority, actions }: Rule): elbv2.Rule => ({
  RuleArn: arn,
  Priority: priority,
  Conditions:
    priority === 'default' ? [] : [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] }, Values: ['/*'] }],
  Actions: actions,
  IsDefault: priority === 'default',
});

const defaultRule = ({ arn }: Listener): Rule => ({
  arn: `${arn.replace(':listener/', ':listener-rule/')}/default`,
  listener: arn,
  priority: 'default',
  actions: notFound,
  routes: [],
});

const shown = (target: Target, group: TargetGroup, now: number): elbv2.TargetHealth => {
  if (isDraining(target)) {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  if (group.namedBy === 0) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (target.state === 'healthy') return { State: 'healthy' };
  if (target.instance.state !== 'running') {
    return {
      State: 'unused',
      Reason: 'Target.InvalidState',
      Description: 'Target is in the stopped or terminated state',
    };
  }
  if (target.state === 'unhealthy')
    return { State: 'unhealthy', Reason: 'Target.FailedHealthChecks', Description: target.instance.complaint };
  return now < target.from + group.check.interval
    ? { State: 'initial', Reason: 'Elb.RegistrationInProgress', Description: 'Target registration is in progress' }
    : { State: 'initial', Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' };
};

const checkPort = ({ settings: { HealthCheckPort } }: TargetGroup, port: number): string =>
  HealthCheckPort === 'traffic-port' ? String(port) : HealthCheckPort;

/** Actions as ModifyRule keeps them: the short form of a forward spelt out, secrets not shown again. */
const accepted = (world: World, actions: elbv2.Action[]): elbv2.Action[] => {
  const last = actions.at(-1)?.Type;
  if (last !== 'forward' && last !== 'fixed-response' && last !== 'redirect') {
    throw awsError(
      'InvalidLoadBalancerActionException',
      'The last action must be a forward, a redirect or a fixed response',
    );
  }
  const kept = actions.map((action): elbv2.Action => {
    if (action.Type === 'authenticate-oidc') {
      const { ClientSecret, UseExistingClientSecret, ...oidc } =
        action.AuthenticateOidcConfig as elbv2.AuthenticateOidcActionConfig;
      if (ClientSecret === undefined && UseExistingClientSecret !== true) {
        throw awsError(
          'InvalidConfigurationRequestException',
          'A client secret must be specified, or UseExistingClientSecret',
        );
      }
      return { ...action, AuthenticateOidcConfig: oidc };
    }
    if (action.Type !== 'forward') return action;
    const groups = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }];
    const { TargetGroupArn: _, ...rest } = action;
    const single = groups.length === 1 ? { TargetGroupArn: groups[0]?.TargetGroupArn } : {};
    return {
      ...rest,
      ...single,
      ForwardConfig: { TargetGroupStickinessConfig: { Enabled: false }, ...action.ForwardConfig, TargetGroups: groups },
    };
  });
  const forwards = forwardsOf(kept);
  if (forwards.length > 5)
    throw awsError('TooManyTargetGroupsException', 'A forward action has at most 5 target groups');
  for (const { targetGroup, weight } of forwards) {
    groupOf(world, targetGroup);
    if (!Number.isInteger(weight) || weight < 0 || weight > 999)
      throw awsError('ValidationError', `Weight ${weight} must be between 0 and 999`);
  }
  return kept;
};

/** What ModifyRule does, for a command or for a stranger's hand. */
export const modifyRule = (world: World, arn: string, actions: elbv2.Action[]): Rule => {
  const rule = world.rules.get(arn);
  if (rule === undefined) throw awsError('RuleNotFoundException', `One or more rules not found: ${arn}`);
  world.setActions(rule, accepted(world, actions));
  return rule;
};

export const elbv2Handlers = (world: World) => {
  /** Rules and target groups are what bears tags here. */
  const known = (arns: string[] = []): string[] => {
    const missing = arns.find((arn) => !world.rules.has(arn) && !world.targetGroups.has(arn));
    if (missing === undefined) return arns;
    throw missing.includes(':targetgroup/')
      ? awsError('TargetGroupNotFoundException', `One or more target groups not found: ${missing}`)
      : awsError('RuleNotFoundException', `One or more rules not found: ${missing}`);
  };

  return {
    DescribeRules: (input: elbv2.DescribeRulesCommandInput): Answer<elbv2.DescribeRulesCommandOutput> => {
      only('elbv2 DescribeRules', input, ['RuleArns', 'ListenerArn', 'Marker', 'PageSize']);
      if ((input.RuleArns === undefined) === (input.ListenerArn === undefined)) {
        throw awsError('ValidationError', 'Specify either a listener ARN or one or more rule ARNs');
      }
      let rules: Rule[];
      if (input.RuleArns === undefined) {
        const listener = world.listeners.get(input.ListenerArn as string);
        if (listener === undefined)
          throw awsError('ListenerNotFoundException', `One or more listeners not found: ${input.ListenerArn}`);
        rules = [...[...world.rules.values()].filter((rule) => rule.listener === listener.arn), defaultRule(listener)];
      } else {
        rules = input.RuleArns.map((arn) => {
          const rule = world.rules.get(arn);
          if (rule === undefined) throw awsError('RuleNotFoundException', `One or more rules not found: ${arn}`);
          return rule;
        });
      }
      const { items, next } = page(rules, input.PageSize ?? mostPerPage, input.Marker);
      return { Rules: items.map(ruleView), NextMarker: next };
    },

    ModifyRule: (input: elbv2.ModifyRuleCommandInput): Answer<elbv2.ModifyRuleCommandOutput> => {
      only('elbv2 ModifyRule', input, ['RuleArn', 'Actions']);
      return { Rules: [ruleView(modifyRule(world, input.RuleArn as string, input.Actions as elbv2.Action[]))] };
    },

    ...targetGroupHandlers(world),

    DescribeListeners: (input: elbv2.DescribeListenersCommandInput): Answer<elbv2.DescribeListenersCommandOutput> => {
      only('elbv2 DescribeListeners', input, ['LoadBalancerArn', 'Marker', 'PageSize']);
      const listeners = [...world.listeners.values()].filter(
        ({ loadBalancer }) => loadBalancer === input.LoadBalancerArn,
      );
      if (listeners.length === 0)
        throw awsError('LoadBalancerNotFoundException', `Load balancer '${input.LoadBalancerArn}' not found`);
      const { items, next } = page(listeners, input.PageSize ?? mostPerPage, input.Marker);
      return {
        Listeners: items.map(({ arn, loadBalancer, port }) => ({
          ListenerArn: arn,
          LoadBalancerArn: loadBalancer,
          Port: port,
          Protocol: port === 443 ? 'HTTPS' : 'HTTP',
          DefaultActions: notFound,
        })),
        NextMarker: next,
      };
    },

    DescribeLoadBalancers: (
      input: elbv2.DescribeLoadBalancersCommandInput,
    ): Answer<elbv2.DescribeLoadBalancersCommandOutput> => {
      only('elbv2 DescribeLoadBalancers', input, ['LoadBalancerArns']);
      return {
        LoadBalancers: (input.LoadBalancerArns ?? []).map((arn) => {
          if (![...world.listeners.values()].some(({ loadBalancer }) => loadBalancer === arn))
            throw awsError('LoadBalancerNotFoundException', `Load balancer '${arn}' not found`);
          const zones = world.balancerZones.get(arn) ?? [...world.subnets.values()].map(({ zone }) => zone);
          return {
            LoadBalancerArn: arn,
            LoadBalancerName: arn.split('/').at(-2),
            DNSName: `${arn.split('/').at(-2)}-1234567890.${arnParts(arn).region}.elb.amazonaws.com`,
            AvailabilityZones: [...new Set(zones)].map((ZoneName) => ({ ZoneName })),
          };
        }),
      };
    },

    AddTags: (input: elbv2.AddTagsCommandInput): Answer<elbv2.AddTagsCommandOutput> => {
      only('elbv2 AddTags', input, ['ResourceArns', 'Tags']);
      for (const arn of known(input.ResourceArns)) {
        const tags = (input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]);
        world.tags.set(arn, { ...world.tags.get(arn), ...Object.fromEntries(tags) });
      }
      return {};
    },

    RemoveTags: (input: elbv2.RemoveTagsCommandInput): Answer<elbv2.RemoveTagsCommandOutput> => {
      only('elbv2 RemoveTags', input, ['ResourceArns', 'TagKeys']);
      for (const arn of known(input.ResourceArns)) {
        const kept = Object.entries(world.tags.get(arn) ?? {}).filter(([key]) => !input.TagKeys?.includes(key));
        world.tags.set(arn, Object.fromEntries(kept));
      }
      return {};
    },

    DescribeTags: (input: elbv2.DescribeTagsCommandInput): Answer<elbv2.DescribeTagsCommandOutput> => {
      only('elbv2 DescribeTags', input, ['ResourceArns']);
      if ((input.ResourceArns ?? []).length > 20)
        throw awsError('ValidationError', 'At most 20 resources are described');
      return {
        TagDescriptions: known(input.ResourceArns).map((ResourceArn) => ({
          ResourceArn,
          Tags: Object.entries(world.tags.get(ResourceArn) ?? {}).map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },

    DescribeTargetHealth: (
      input: elbv2.DescribeTargetHealthCommandInput,
    ): Answer<elbv2.DescribeTargetHealthCommandOutput> => {
      only('elbv2 DescribeTargetHealth', input, ['TargetGroupArn', 'Targets']);
      const group = groupOf(world, input.TargetGroupArn);
      const targets = world.targetsNow(group);
      const now = world.time.now();
      const describe = (id: string, target: Target | undefined): elbv2.TargetHealthDescription => ({
        Target: { Id: id, Port: target?.port ?? group.port },
        HealthCheckPort: checkPort(group, target?.port ?? group.port),
        TargetHealth:
          target === undefined
            ? {
                State: 'unused',
                Reason: 'Target.NotRegistered',
                Description: 'Target is not registered to the target group',
              }
            : shown(target, group, now),
      });
      return {
        TargetHealthDescriptions:
          input.Targets?.map(({ Id = '' }) => describe(Id, targets.get(Id))) ??
          [...targets].map(([id, target]) => describe(id, target)),
      };
    },

    RegisterTargets: (input: elbv2.RegisterTargetsCommandInput): Answer<elbv2.RegisterTargetsCommandOutput> => {
      only('elbv2 RegisterTargets', input, ['TargetGroupArn', 'Targets']);
      const group = groupOf(world, input.TargetGroupArn);
      const targets = (input.Targets ?? []).map(({ Id = '', Port = group.port }) => ({
        instance: world.instances.get(Id),
        id: Id,
        port: Port,
      }));
      const unfit = targets.filter(({ instance }) => instance?.state !== 'running').map(({ id }) => id);
      if (unfit.length > 0)
        throw awsError(
          'InvalidTargetException',
          `The following targets are not in a running state and cannot be registered: '${unfit.join(', ')}'`,
        );
      if (world.targetsNow(group).size + targets.length > 1000)
        throw awsError('TooManyTargetsException', 'A target group has at most 1000 targets');
      for (const { instance, port } of targets) if (instance !== undefined) world.register(group, instance, port);
      return {};
    },

    DeregisterTargets: (input: elbv2.DeregisterTargetsCommandInput): Answer<elbv2.DeregisterTargetsCommandOutput> => {
      only('elbv2 DeregisterTargets', input, ['TargetGroupArn', 'Targets']);
      const group = groupOf(world, input.TargetGroupArn);
      for (const { Id = '' } of input.Targets ?? []) world.deregister(group, Id);
      return {};
    },
  } satisfies Handlers;
};
