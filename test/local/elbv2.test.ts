import {
  type Action,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { cloudForTests, service, type TestCloud } from './fixture.ts';

const { blue, green } = service.slots;
const [rule = '', otherRule = ''] = service.rules;

const forward = (blueWeight: number, greenWeight: number): Action[] => [
  {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blue, Weight: blueWeight },
        { TargetGroupArn: green, Weight: greenWeight },
      ],
    },
  },
];

const modify = (cloud: TestCloud, Actions: Action[], RuleArn = rule) =>
  cloud.done(cloud.clients.elbv2.send(new ModifyRuleCommand({ RuleArn, Actions })));

const instances = (cloud: TestCloud, count: number, image = 'shop@sha256:1') =>
  Array.from({ length: count }, () => {
    const subnet = { id: 'subnet-a', zone: 'eu-west-1a' };
    return cloud.world.launch({ ami: 'ami-1', subnet, tags: { 'cutover:image': image }, clientToken: undefined }).id;
  });

const register = (cloud: TestCloud, ids: string[], TargetGroupArn = green) =>
  cloud.done(
    cloud.clients.elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) })),
  );

const deregister = (cloud: TestCloud, ids: string[], TargetGroupArn = green) =>
  cloud.done(
    cloud.clients.elbv2.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) })),
  );

/** State and reason of each target of a group. */
const health = async (cloud: TestCloud, TargetGroupArn = green) => {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn });
  const { TargetHealthDescriptions = [] } = await cloud.done(cloud.clients.elbv2.send(command));
  return TargetHealthDescriptions.map(({ TargetHealth }) =>
    [TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '),
  );
};

describe('targets', () => {
  it('must be running to be registered', async () => {
    const cloud = cloudForTests();
    const ids = instances(cloud, 1);
    await expect(register(cloud, ids)).rejects.toMatchObject({ name: 'InvalidTargetException' });
    await cloud.pass(10);
    await register(cloud, ids);
    expect(await health(cloud)).toEqual(['initial Elb.RegistrationInProgress']);
  });

  it('are healthy after one passing check when they are new', async () => {
    const cloud = cloudForTests();
    const ids = instances(cloud, 1);
    await cloud.pass(50);
    await register(cloud, ids);
    await cloud.pass(6);
    expect(await health(cloud)).toEqual(['healthy']);
  });

  it('are unhealthy after two failed checks, and then need five passing ones', async () => {
    const cloud = cloudForTests();
    cloud.machines.describe('shop@sha256:1', { boot: 100_000 });
    const ids = instances(cloud, 1);
    await cloud.pass(10);
    await register(cloud, ids);
    await cloud.pass(10);
    expect(await health(cloud)).toEqual(['initial Elb.InitialHealthChecking']);
    await cloud.pass(30);
    expect(await health(cloud)).toEqual(['unhealthy Target.FailedHealthChecks']);
    await cloud.pass(150);
    expect(await health(cloud)).toEqual(['unhealthy Target.FailedHealthChecks']);
    await cloud.pass(60);
    expect(await health(cloud)).toEqual(['healthy']);
  });

  it('stay unused while no rule names their group, and are checked from then on', async () => {
    const cloud = cloudForTests();
    const single: Action[] = [{ Type: 'forward', TargetGroupArn: blue }];
    await modify(cloud, single);
    await modify(cloud, single, otherRule);
    const ids = instances(cloud, 1);
    await cloud.pass(60);
    await register(cloud, ids);
    await cloud.pass(600);
    expect(await health(cloud)).toEqual(['unused Target.NotInUse']);
    await modify(cloud, forward(100, 0));
    expect(await health(cloud)).toEqual(['initial Elb.RegistrationInProgress']);
    await cloud.pass(6);
    expect(await health(cloud)).toEqual(['healthy']);
  });

  it('drain for the whole deregistration delay, and are then gone', async () => {
    const cloud = cloudForTests({}, { deregistrationDelay: 60 });
    const ids = instances(cloud, 2);
    await cloud.pass(60);
    await register(cloud, ids);
    await cloud.pass(60);
    await deregister(cloud, ids.slice(0, 1));
    expect(await health(cloud)).toEqual(['draining Target.DeregistrationInProgress', 'healthy']);
    await cloud.pass(58);
    expect(await health(cloud)).toHaveLength(2);
    await cloud.pass(2);
    expect(await health(cloud)).toEqual(['healthy']);
    await deregister(cloud, ['i-unknown']);
    const asked = new DescribeTargetHealthCommand({ TargetGroupArn: green, Targets: [{ Id: 'i-unknown' }] });
    const { TargetHealthDescriptions } = await cloud.done(cloud.clients.elbv2.send(asked));
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: 'unused',
      Reason: 'Target.NotRegistered',
    });
  });

  it('stay registered when their instance is gone, and are noticed by the failing checks', async () => {
    const cloud = cloudForTests();
    const ids = instances(cloud, 1);
    await cloud.pass(60);
    await register(cloud, ids);
    await cloud.pass(60);
    cloud.world.kill(ids[0] as string);
    expect(await health(cloud)).toEqual(['healthy']);
    await cloud.pass(60);
    expect(await health(cloud)).toEqual(['unused Target.InvalidState']);
  });

  it('show what a failing health check said', async () => {
    const cloud = cloudForTests();
    const [id = ''] = instances(cloud, 1);
    await cloud.pass(60);
    await register(cloud, [id]);
    cloud.world.reportHealth(id, false, 'Request timed out');
    cloud.world.reportHealth(id, false, 'Health checks failed with these codes: [500]');
    await cloud.pass(60);
    const command = new DescribeTargetHealthCommand({ TargetGroupArn: green });
    const { TargetHealthDescriptions } = await cloud.done(cloud.clients.elbv2.send(command));
    expect(TargetHealthDescriptions?.[0]?.TargetHealth?.Description).toBe(
      'Health checks failed with these codes: [500]',
    );
  });
});

describe('rules', () => {
  it('are shown with their forward, page by page, the default rule last', async () => {
    const cloud = cloudForTests();
    const { Rules } = await cloud.done(cloud.clients.elbv2.send(new DescribeRulesCommand({ RuleArns: [rule] })));
    expect(Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups).toEqual([
      { TargetGroupArn: blue, Weight: 100 },
      { TargetGroupArn: green, Weight: 0 },
    ]);
    const ListenerArn = rule.replace(':listener-rule/', ':listener/').replace(/\/shop$/, '');
    const first = await cloud.done(cloud.clients.elbv2.send(new DescribeRulesCommand({ ListenerArn, PageSize: 1 })));
    const Marker = first.NextMarker;
    const second = await cloud.done(
      cloud.clients.elbv2.send(new DescribeRulesCommand({ ListenerArn, PageSize: 1, Marker })),
    );
    expect([first, second].map(({ Rules: [only] = [] }) => only?.IsDefault)).toEqual([false, true]);
    expect(second.NextMarker).toBeUndefined();
  });

  it('route by new weights only when they have propagated, though they are shown at once', async () => {
    const cloud = cloudForTests();
    const { Rules } = await modify(cloud, forward(95, 5));
    expect(Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups?.[1]?.Weight).toBe(5);
    expect(cloud.world.effectiveWeights(rule)[1]?.weight).toBe(0);
    await cloud.pass(10);
    expect(cloud.world.effectiveWeights(rule)[1]?.weight).toBe(5);
  });

  it('are replaced as a whole: a login action is lost unless sent again, and hides its secret', async () => {
    const cloud = cloudForTests();
    cloud.addLogin(rule);
    const { Rules = [] } = await cloud.done(cloud.clients.elbv2.send(new DescribeRulesCommand({ RuleArns: [rule] })));
    const actions = Rules[0]?.Actions ?? [];
    expect(actions.map(({ Type }) => Type)).toEqual(['authenticate-oidc', 'forward']);
    expect(actions[0]?.AuthenticateOidcConfig?.ClientSecret).toBeUndefined();
    await expect(modify(cloud, actions)).rejects.toThrow(/client secret/);
    const [login, ...rest] = actions as [Action, ...Action[]];
    const oidc = { ...login.AuthenticateOidcConfig, UseExistingClientSecret: true } as Action['AuthenticateOidcConfig'];
    await modify(cloud, [{ ...login, AuthenticateOidcConfig: oidc }, ...rest]);
    const { Rules: [kept] = [] } = await modify(cloud, forward(100, 0));
    expect(kept?.Actions?.map(({ Type }) => Type)).toEqual(['forward']);
  });

  it('can be edited by a stranger', async () => {
    const cloud = cloudForTests();
    cloud.editRule(rule, forward(0, 100));
    const { Rules } = await cloud.done(cloud.clients.elbv2.send(new DescribeRulesCommand({ RuleArns: [rule] })));
    expect(Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight)).toEqual([0, 100]);
  });

  it.each([
    ['a group that is not there', [{ Type: 'forward', TargetGroupArn: 'x' }], 'TargetGroupNotFoundException'],
    ['a weight above 999', forward(1000, 0), 'ValidationError'],
    ['no last forward', [], 'InvalidLoadBalancerActionException'],
  ] as [string, Action[], string][])('refuse %s', async (_, actions, name) => {
    await expect(modify(cloudForTests(), actions)).rejects.toMatchObject({ name });
  });
});

describe('target groups and listeners', () => {
  it('name the load balancer that leads to them', async () => {
    const cloud = cloudForTests();
    const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [green] });
    const { TargetGroups = [] } = await cloud.done(cloud.clients.elbv2.send(command));
    const [LoadBalancerArn] = TargetGroups[0]?.LoadBalancerArns ?? [];
    expect(TargetGroups[0]).toMatchObject({ Port: 8080, HealthCheckIntervalSeconds: 30, HealthyThresholdCount: 5 });
    const { Listeners } = await cloud.done(cloud.clients.elbv2.send(new DescribeListenersCommand({ LoadBalancerArn })));
    expect(Listeners?.map(({ Port }) => Port)).toEqual([443, 80]);
    const unknown = cloud.done(cloud.clients.elbv2.send(new DescribeTargetGroupsCommand({ TargetGroupArns: ['x'] })));
    await expect(unknown).rejects.toMatchObject({ name: 'TargetGroupNotFoundException' });
  });
});

describe('a real load balancer', () => {
  it('reads targets that listen, and whether they are draining or healthy', async () => {
    const cloud = cloudForTests();
    cloud.machines.address = () => ({ host: '127.0.0.1', port: 4000 });
    const ids = instances(cloud, 2);
    await cloud.pass(60);
    await register(cloud, ids);
    await cloud.pass(6);
    await deregister(cloud, ids.slice(0, 1));
    const [first, second] = cloud.world.targetsOf(green);
    expect(first).toEqual({ id: ids[0], host: '127.0.0.1', port: 4000, draining: true, healthy: false });
    expect(second).toMatchObject({ draining: false, healthy: true });
  });
});
