/** The data of an Auto Scaling group. */
import type { MixedInstancesPolicy, ScalingActivityStatusCode } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '../resources.ts';

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
