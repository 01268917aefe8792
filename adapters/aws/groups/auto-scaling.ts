/** Reads an Auto Scaling group, and has the names and shapes of its API. */
import {
  type Activity,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  type LaunchTemplateSpecification,
  type Instance as Member,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { messageOf, Rejected, Transient } from '../../../core/basics/errors.ts';
import type { Limits, Template } from '../../../core/plan/plan.ts';
import type { InstanceView } from '../../../pipeline/ports/fleet.ts';
import { codeOf, send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';

/** What every group has, though the SDK's types make it optional. */
export interface Group extends AutoScalingGroup {
  AutoScalingGroupName: string;
  AutoScalingGroupARN: string;
  MinSize: number;
  MaxSize: number;
  DesiredCapacity: number;
  Instances: Member[];
}

const always = ['AutoScalingGroupName', 'AutoScalingGroupARN', 'MinSize', 'MaxSize', 'DesiredCapacity'] as const;

/** Half a group decides nothing: a name that is missing would ask for the instances of no group, and a size for a wrong one. */
const wholeGroup = (group: AutoScalingGroup): Group => {
  const missing = always.filter((field) => group[field] === undefined);
  if (missing.length > 0)
    throw new Error(
      `expected whole Auto Scaling groups, got ${group.AutoScalingGroupName ?? 'one'} without ${missing.join(' and ')}; asked again by the next look`,
    );
  return { Instances: [], ...group } as Group;
};

/** By name; those that are not there are left out. */
export const findGroups = async (autoscaling: Client, names: readonly string[]): Promise<Group[]> => {
  const { AutoScalingGroups = [] } = await send(
    autoscaling,
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names] }),
  );
  return AutoScalingGroups.map(wholeGroup);
};

/** All of the region. */
export const everyGroup = async (autoscaling: Client): Promise<Group[]> =>
  everyPage(async (NextToken) => {
    const page = await send(autoscaling, new DescribeAutoScalingGroupsCommand({ NextToken }));
    return {
      items: page.AutoScalingGroups?.map(wholeGroup),
      next: page.NextToken,
    };
  });

/** Throws Rejected when there is none of that name. */
export const groupNamed = async (autoscaling: Client, name: string): Promise<Group> => {
  const [group] = await findGroups(autoscaling, [name]);
  if (group === undefined)
    throw new Rejected({
      problem: `there is no Auto Scaling group ${name}`,
      remedy: 'correct `fleet`, or make the group',
    });
  return group;
};

export const limitsOf = ({ MinSize, MaxSize, DesiredCapacity, SuspendedProcesses = [] }: Group): Limits => ({
  min: MinSize,
  max: MaxSize,
  desired: DesiredCapacity,
  suspended: SuspendedProcesses.flatMap(({ ProcessName }) => (ProcessName === undefined ? [] : [ProcessName])).sort(),
});

/** The one launch template that a group launches from; a group's overrides may name others. Throws Rejected for a launch configuration. */
export const specificationOf = (group: Group): LaunchTemplateSpecification => {
  const found = group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  if (found?.LaunchTemplateId === undefined)
    throw new Rejected({
      problem: `${group.AutoScalingGroupName} launches from a launch configuration, which has no versions`,
      remedy: 'give it a launch template',
    });
  return found;
};

/** The same group launching from another version: its whole mixed-instances policy as read, where it has one. */
export const launchingFrom = (
  group: Group,
  { id, version }: Pick<Template, 'id' | 'version'>,
): Partial<UpdateAutoScalingGroupCommandInput> => {
  const LaunchTemplateSpecification = { LaunchTemplateId: id, Version: version };
  const policy = group.MixedInstancesPolicy;
  return policy === undefined
    ? { LaunchTemplate: LaunchTemplateSpecification }
    : {
        MixedInstancesPolicy: {
          ...policy,
          LaunchTemplate: { ...policy.LaunchTemplate, LaunchTemplateSpecification },
        },
      };
};

/**
 * Auto Scaling reads launch templates behind EC2's back: a version that was made a moment ago may be unknown to it. A template that
 * names an image, a key pair or a security group that is not there is refused for good, with words that begin alike.
 */
const notThereYet =
  /Could not find the specified version|valid fully-formed launch template(?!.*\b(image|key pair|security group|subnet|instance type|profile)\b)/i;

/** Minimum and desired capacity go together, as a call with one of them alone moves the other; the maximum is its owner's. */
export const update = async (
  autoscaling: Client,
  { AutoScalingGroupName, MinSize, DesiredCapacity }: Group,
  change: Partial<UpdateAutoScalingGroupCommandInput>,
): Promise<void> => {
  const sizes = { MinSize, DesiredCapacity };
  try {
    await send(autoscaling, new UpdateAutoScalingGroupCommand({ AutoScalingGroupName, ...sizes, ...change }));
  } catch (error) {
    if (codeOf(error) === 'ValidationError' && notThereYet.test(messageOf(error)))
      throw new Transient(`${messageOf(error)}. Auto Scaling has not seen the new version yet: it is tried again`, {
        cause: error,
      });
    throw error;
  }
};

/** On the way into service: not there yet, or registered and not counted. An unknown state, which a later API may add, does not count. */
const states: [RegExp, InstanceView['state']][] = [
  [/^InService$/, 'running'],
  [/^Pending/, 'pending'],
];

/** Where in its life a member is, as the group sees it: one that drains still runs, and is on its way out. */
export const lifecycleOf = ({ LifecycleState }: Member): InstanceView['state'] =>
  states.find(([name]) => name.test(LifecycleState ?? ''))?.[1] ?? 'stopping';

export const inService = ({ Instances }: Group): Member[] =>
  Instances.filter((member) => lifecycleOf(member) === 'running' && isHealthy(member));

// Spelt "Healthy" by one call and "HEALTHY" by another.
const isHealthy = ({ HealthStatus = '' }: Member): boolean => HealthStatus.toLowerCase() === 'healthy';

/** Activities in one page are enough: the newest come first. */
const pageSize = 20;

const finished = new Set<string>(['Successful', 'Failed', 'Cancelled']);

/**
 * Why the group's last launch did not work out, in Auto Scaling's words; null: it did, or none has ended since `since` (epoch ms).
 * Activities are kept for weeks: an old failure says nothing about today.
 */
export const launchFailure = async (autoscaling: Client, name: string, since: number): Promise<string | null> => {
  const last = (await activitiesOf(autoscaling, name, pageSize))
    .filter(isLaunch)
    .filter(({ StatusCode }) => StatusCode !== undefined && finished.has(StatusCode))
    .filter(({ StartTime }) => (StartTime?.getTime() ?? 0) >= since)
    .sort((a, b) => (b.StartTime?.getTime() ?? 0) - (a.StartTime?.getTime() ?? 0))[0];
  return last === undefined || last.StatusCode === 'Successful' ? null : `${name} could not launch: ${said(last)}`;
};

const activitiesOf = async (autoscaling: Client, name: string, most: number): Promise<Activity[]> => {
  const { Activities = [] } = await send(
    autoscaling,
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: most }),
  );
  return Activities;
};

/** The most that one call tells of. */
const mostActivities = 100;

/** Why the group itself has ended instances, by their ids: EC2 only knows that somebody asked it to. */
export const endings = async (
  autoscaling: Client,
  { AutoScalingGroupName, HealthCheckGracePeriod = 0 }: Group,
): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const { Description = '', Cause = '' } of await activitiesOf(
    autoscaling,
    AutoScalingGroupName,
    mostActivities,
  )) {
    const [, id] = /^Terminating EC2 instance: (i-\w+)/.exec(Description) ?? [];
    if (id === undefined) continue;
    const why = Cause.replace(/^At \S+ /, '').replace(/\.$/, '');
    const grace = /ELB .*health check/.test(why)
      ? `; if it was still booting, ${AutoScalingGroupName} has a health check grace period of ${HealthCheckGracePeriod} s, which is too short`
      : '';
    found.set(id, `its group ended it: ${why}${grace}`);
  }
  return found;
};

const isLaunch = ({ Description = '' }: Activity): boolean => /^Launching/.test(Description);

const said = ({ StatusMessage = '', StatusCode }: Activity): string =>
  StatusMessage.replace(/\s*Launching EC2 instance failed\.?$/, '').trim() || `the activity was ${StatusCode}`;
