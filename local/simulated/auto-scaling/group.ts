/** An Auto Scaling group's state, and how it is made. */
import type { MixedInstancesPolicy, ScalingActivityStatusCode } from '@aws-sdk/client-auto-scaling';
import type { Instance, Template, TemplateVersion, World } from '../world.ts';
import { account, region } from '../world.ts';

export interface Member {
  instance: Instance;
  /** What it was launched from. */
  template: { id: string; name: string; version: string };
  state: 'Pending' | 'Pending:Wait' | 'InService' | 'Terminating' | 'Terminating:Wait' | 'Standby';
  healthy: boolean;
  protected: boolean;
  /** When it entered its state. */
  since: number;
  activity: Activity;
}

export interface Activity {
  id: string;
  description: string;
  cause: string;
  status: ScalingActivityStatusCode;
  message: string | undefined;
  startedAt: number;
  endedAt: number | undefined;
}

/** Keeps requests per target of one target group at a number, per minute. */
export interface TrackingPolicy {
  targetGroup: string;
  perTarget: number;
}

export interface ScheduledAction {
  name: string;
  /** Epoch milliseconds. */
  at: number;
  min?: number;
  max?: number;
  desired?: number;
}

export interface Refresh {
  id: string;
  status: 'Pending' | 'InProgress' | 'Cancelling' | 'RollbackInProgress' | 'Baking' | 'Successful' | 'Cancelled';
  /** With it, nothing that it determines can be changed meanwhile. */
  desiredConfiguration: boolean;
}

export interface AutoScalingGroup {
  name: string;
  arn: string;
  min: number;
  max: number;
  desired: number;
  /** What it launches from; of a mixed-instances policy, that policy's own. */
  template: { id: string; version: string };
  mixed: MixedInstancesPolicy | undefined;
  subnets: string[];
  targetGroups: string[];
  loadBalancers: string[];
  healthCheckType: 'EC2' | 'ELB';
  /** Milliseconds from InService on in which only EC2's own checks count. */
  grace: number;
  suspended: Set<string>;
  tags: { Key: string; Value: string; PropagateAtLaunch: boolean }[];
  members: Map<string, Member>;
  /** Newest first. */
  activities: Activity[];
  /** Milliseconds until each lifecycle hook is completed. */
  hooks: { launch?: number; terminate?: number };
  protectsNew: boolean;
  capacityRebalance: boolean;
  refreshes: Refresh[];
  /** Instances that wait, by the version they were prepared from; undefined: it has no warm pool. */
  warm: { version: string }[] | undefined;
  policies: TrackingPolicy[];
  scheduled: ScheduledAction[];
  /** A target of it has passed a check since it was attached: from then on the load balancer's checks count. */
  trafficInService: boolean;
  /** After a failed launch it waits longer and longer. */
  retryAt: number;
  failures: number;
  /** Who last changed what it is to have, for its activities. */
  cause: string;
  /** Minutes in a row above and below what its policies aim at. */
  above: number;
  below: number;
  trackedAt: number;
  ticking: boolean;
}

export interface NewGroup {
  name: string;
  template: Template;
  version?: string;
  subnets: string[];
  targetGroups?: string[];
  min?: number;
  max?: number;
  desired?: number;
  healthCheckType?: 'EC2' | 'ELB';
  /** Seconds. */
  grace?: number;
}

export const newGroup = (world: World, given: NewGroup): AutoScalingGroup => {
  const { name, template, version, subnets, targetGroups = [], min = 0, max = 1000, desired = min } = given;
  const { healthCheckType = 'ELB', grace = 300 } = given;
  return {
    name,
    arn: `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${world.newId('')}:autoScalingGroupName/${name}`,
    min,
    max,
    desired,
    template: { id: template.id, version: version ?? String(template.versions.length) },
    mixed: undefined,
    subnets,
    targetGroups,
    loadBalancers: [],
    healthCheckType,
    grace: grace * 1000,
    suspended: new Set(),
    tags: [],
    members: new Map(),
    activities: [],
    hooks: {},
    protectsNew: false,
    capacityRebalance: false,
    refreshes: [],
    warm: undefined,
    policies: [],
    scheduled: [],
    trafficInService: false,
    retryAt: 0,
    failures: 0,
    cause: `a user request created an AutoScalingGroup changing the desired capacity from 0 to ${desired}`,
    above: 0,
    below: 0,
    trackedAt: world.time.now(),
    ticking: false,
  };
};

/** Will serve or serves. */
export const isStaying = ({ state }: Member): boolean => !state.startsWith('Terminating') && state !== 'Standby';

export const membersIn = (group: AutoScalingGroup, test: (member: Member) => boolean): Member[] =>
  [...group.members.values()].filter(test);

/** The template version that a group names by its number, `$Latest` or `$Default`; undefined: there is none. */
export const launchedFrom = ({ versions, defaultVersion }: Template, version: string): TemplateVersion | undefined => {
  if (version === '$Latest') return versions.at(-1);
  return versions[(version === '$Default' ? defaultVersion : Number(version)) - 1];
};
