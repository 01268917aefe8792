/** The state of an Auto Scaling group, and its creation. */

import type { Template, TemplateVersion } from '../resources.ts';
import { account, region, type World } from '../world.ts';
import type { AutoScalingGroup, Member } from './resources.ts';

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
