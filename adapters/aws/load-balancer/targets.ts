/** Lists, registers and deregisters the targets of a target group. */
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetDescription,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { send } from '../aws-errors.ts';
import { batchesOf, type Client } from '../client.ts';

/** Targets in one call. */
const batch = 100;

export const targetsOf = async (elb: Client, TargetGroupArn: string): Promise<TargetHealthDescription[]> => {
  const { TargetHealthDescriptions = [] } = await send(elb, new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions;
};

export const idOf = ({ Target }: TargetHealthDescription): string => Target?.Id ?? '';
export const isDraining = ({ TargetHealth }: TargetHealthDescription): boolean =>
  TargetHealth?.State === 'draining' || TargetHealth?.Reason === 'Target.DeregistrationInProgress';
export const isHealthy = ({ TargetHealth }: TargetHealthDescription): boolean => TargetHealth?.State === 'healthy';
export const isRegistered = (target: TargetHealthDescription): boolean =>
  !isDraining(target) && target.TargetHealth?.Reason !== 'Target.NotRegistered';

export const registerAll = async (elb: Client, TargetGroupArn: string, ids: readonly string[]): Promise<void> => {
  for (const some of batchesOf(ids, batch))
    await send(elb, new RegisterTargetsCommand({ TargetGroupArn, Targets: some.map((Id) => ({ Id })) }));
};

export const deregisterAll = async (
  elb: Client,
  TargetGroupArn: string,
  targets: readonly TargetDescription[],
): Promise<void> => {
  for (const some of batchesOf(targets, batch))
    await send(elb, new DeregisterTargetsCommand({ TargetGroupArn, Targets: some }));
};

/**
 * Every target leaves its group. As they were registered: a target with a port of its own is another than the same instance without.
 * Answers the ids of all that were in it and of those that still drain.
 */
export const leave = async (
  elb: Client,
  TargetGroupArn: string,
  targets: readonly TargetHealthDescription[],
): Promise<string[]> => {
  const registered = targets.filter(isRegistered);
  await deregisterAll(
    elb,
    TargetGroupArn,
    registered.map(({ Target }) => ({ Id: Target?.Id, Port: Target?.Port })),
  );
  return [...registered, ...targets.filter(isDraining)].map(idOf);
};

/** These leave each of the groups. Answers those of them that were in one or still drain. */
export const leaveEach = async (
  elb: Client,
  targetGroups: readonly string[],
  instances: readonly string[],
): Promise<Set<string>> => {
  const there = new Set<string>();
  for (const targetGroup of targetGroups) {
    const leaving = (await targetsOf(elb, targetGroup)).filter((target) => instances.includes(idOf(target)));
    for (const id of await leave(elb, targetGroup, leaving)) there.add(id);
  }
  return there;
};
