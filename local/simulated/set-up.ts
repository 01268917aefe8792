/** Creates the resources that a service's configuration names. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { slots } from '../../core/basics/slot.ts';
import type { GroupsFleet, Service } from '../../core/config/service.ts';
import { newGroup } from './auto-scaling/group.ts';
import type { Scaling } from './auto-scaling/scaling.ts';
import { firstVersion } from './launch-templates.ts';
import type { Template } from './resources.ts';
import type { TargetGroupSettings } from './target-group-settings.ts';
import { emptyTargetGroup } from './target-groups.ts';
import { account, region, type World } from './world.ts';

export interface SetUp {
  /** Seconds; AWS's default is 300. */
  deregistrationDelay?: number;
  /** Seconds between health checks, and how many in a row change a target's state. AWS's defaults. */
  healthCheck?: { interval?: number; healthy?: number; unhealthy?: number; path?: string };
  /** What the target groups are made with, where that is not plain HTTP. */
  targetGroups?: Partial<TargetGroupSettings>;
  /** Zones of the subnets, in turn. */
  zones?: string[];
  /** The launch template's own tags. */
  tags?: Record<string, string>;
  /** Instances are spot instances. */
  spot?: boolean;
  /** Of both Auto Scaling groups. */
  groups?: { max?: number; healthCheckType?: 'EC2' | 'ELB'; grace?: number };
}

const zones = ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
/** Where groups launch. */
const groupSubnets = ['subnet-a', 'subnet-b', 'subnet-c'];
const baseAmi = 'ami-0000000000000ba5e';

/** A rule's listener and load balancer, as its ARN spells them: …:listener-rule/app/<name>/<id>/<listener>/<rule>. */
const around = (rule: string) => {
  const [, prefix, balancer, listener] = /^(.+):listener-rule\/(app\/[^/]+\/[^/]+)\/([^/]+)\/[^/]+$/.exec(rule) ?? [];
  if (prefix === undefined) {
    throw new Error(
      `local cloud: expected a rule like arn:aws:elasticloadbalancing:${region}:${account}:listener-rule/app/<name>/<id>/<listener>/<rule>, found ${rule}`,
    );
  }
  return { loadBalancer: `${prefix}:loadbalancer/${balancer}`, listener: `${prefix}:listener/${balancer}/${listener}` };
};

/** Creates what is not there yet; blue has all weight. Rules of one listener share it, and listeners of one load balancer that. */
export const setUp = (world: World, service: Service, options: SetUp = {}): void => {
  for (const arn of Object.values(service.slots)) setUpTargetGroup(world, arn, options);
  for (const [index, arn] of service.rules.entries()) {
    const TargetGroups = [
      { TargetGroupArn: service.slots.blue, Weight: 100 },
      { TargetGroupArn: service.slots.green, Weight: 0 },
    ];
    setUpRule(world, arn, index, [
      { Type: 'forward', Order: 1, ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: false } } },
    ]);
  }
  world.amis.set(baseAmi, { id: baseAmi, name: 'base', owner: 'amazon', state: 'available', madeAt: 0 });
  if (service.fleet.kind === 'instances') {
    const { launchTemplate, subnets } = service.fleet;
    setUpTemplate(world, launchTemplate, service.name, options);
    setUpSubnets(world, subnets, options.zones);
  } else {
    setUpSubnets(world, groupSubnets, options.zones);
    for (const slot of slots) setUpGroup(world, service.fleet[slot], [service.slots[slot]], options);
  }
  setUpTags(world, service);
  if (service.image.kind === 'ecr' && !world.repositories.has(service.image.repository))
    world.repositories.set(service.image.repository, []);
  const since = world.time.now() - 86_400_000;
  for (const name of service.checks.alarms) {
    if (!world.alarms.has(name))
      world.alarms.set(name, { name, kind: 'MetricAlarm', state: 'OK', reason: '', since, dataFrom: since });
  }
};

/** A service as it was before Cutover came: one group serves, one target group, rules that lead there alone, and a second group that is empty. */
export interface Existing {
  service: Pick<Service, 'rules' | 'image'> & { fleet: GroupsFleet };
  /** ARN of the one target group, blue's. */
  targetGroup: string;
  count: number;
  /** An image of the local registry that its instances run; their AMI is the base one without. */
  runs?: string;
}

export const setUpExisting = (world: World, scaling: Scaling, existing: Existing, options: SetUp = {}): void => {
  const { service, targetGroup, count, runs } = existing;
  const ami = runs === undefined ? baseAmi : 'ami-0000000000000f1f5';
  world.amis.set(ami, { id: ami, name: 'first', owner: account, state: 'available', madeAt: 0, ...(runs && { runs }) });
  setUpTargetGroup(world, targetGroup, options);
  for (const [index, arn] of service.rules.entries())
    setUpRule(world, arn, index, [
      {
        Type: 'forward',
        Order: 1,
        TargetGroupArn: targetGroup,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: targetGroup, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
  setUpSubnets(world, groupSubnets, options.zones);
  const serving = setUpGroup(world, service.fleet.blue, [targetGroup], options, ami);
  setUpGroup(world, service.fleet.green, [], options, ami);
  if (service.image.kind === 'ecr') world.repositories.set(service.image.repository, []);
  scaling.resize(serving, { min: Math.min(2, count), desired: count }, 'a user request created an AutoScalingGroup');
};

/** Everything that IAM is to know as the service's own. */
const setUpTags = (world: World, { name, rules, slots: { blue, green }, fleet }: Service): void => {
  for (const arn of [...rules, blue, green]) world.tags.set(arn, { ...world.tags.get(arn), 'cutover:service': name });
  for (const slot of fleet.kind === 'groups' ? slots : []) {
    const group = fleet.kind === 'groups' ? world.autoScalingGroups.get(fleet[slot]) : undefined;
    if (group === undefined || group.tags.some(({ Key }) => Key === 'cutover:service')) continue;
    group.tags.push({ Key: 'cutover:service', Value: name, PropagateAtLaunch: false });
  }
};

const setUpTargetGroup = (world: World, arn: string, options: SetUp): void => {
  const { interval = 30, healthy = 5, unhealthy = 2, path = '/health' } = options.healthCheck ?? {};
  const check = { interval: interval * 1000, healthy, unhealthy, path };
  const deregistrationDelay = (options.deregistrationDelay ?? 300) * 1000;
  world.targetGroups.set(arn, emptyTargetGroup({ arn, port: 8080, check, deregistrationDelay }, options.targetGroups));
};

const setUpRule = (world: World, arn: string, index: number, actions: Action[]): void => {
  const { loadBalancer, listener } = around(arn);
  if (!world.listeners.has(listener))
    world.listeners.set(listener, { arn: listener, loadBalancer, port: index === 0 ? 443 : 79 + index });
  const rule = { arn, listener, priority: String(world.rules.size + 1), actions: [], routes: [] };
  world.rules.set(arn, rule);
  world.setActions(rule, actions);
};

const setUpTemplate = (
  world: World,
  idOrName: string,
  name: string,
  { tags, spot = false }: SetUp,
  ami = baseAmi,
): Template => {
  const isId = idOrName.startsWith('lt-');
  const template: Template = {
    id: isId ? idOrName : world.newId('lt-'),
    name: isId ? name : idOrName,
    versions: [{ ...firstVersion(ami, tags), spot }],
    defaultVersion: 1,
  };
  world.templates.set(idOrName, template);
  return template;
};

const setUpSubnets = (world: World, subnets: string[], inTurn = zones): void => {
  for (const [index, id] of subnets.entries()) {
    if (!world.subnets.has(id)) world.subnets.set(id, { id, zone: inTurn[index % inTurn.length] as string });
  }
};

const setUpGroup = (world: World, name: string, targetGroups: string[], options: SetUp, ami?: string) => {
  const template = setUpTemplate(world, name, name, options, ami);
  const group = newGroup(world, { name, template, subnets: groupSubnets, targetGroups, ...options.groups });
  world.autoScalingGroups.set(name, group);
  return group;
};
