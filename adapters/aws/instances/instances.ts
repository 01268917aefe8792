/** Finds instances by their tags, and turns them into what the steps see. */
import { DescribeInstancesCommand, DescribeSpotInstanceRequestsCommand, type Instance } from '@aws-sdk/client-ec2';
import { type Slot, slots } from '../../../core/basics/slot.ts';
import type { Own } from '../../../core/fleet/orphans.ts';
import { executionName } from '../../../core/protocol/row.ts';
import type { FleetRelease, InstanceView } from '../../../pipeline/ports/fleet.ts';
import { send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';

const prefix = 'cutover:';

export const rolloutOf = ({
  service,
  release,
  attempt,
}: Pick<FleetRelease, 'service' | 'release' | 'attempt'>): string => executionName(service, { release, attempt });

/** What an instance is launched with, and reads about itself from its metadata service; `number` where instances have one. */
export const tagsOf = (release: FleetRelease, slot: Slot, number?: number): { Key: string; Value: string }[] =>
  Object.entries({
    service: release.service,
    slot,
    release: release.release,
    rollout: rolloutOf(release),
    image: release.image.reference,
    ...(number !== undefined && { number: String(number) }),
  }).map(([key, Value]) => ({ Key: prefix + key, Value }));

export const tagOf = ({ Tags }: Instance, key: string): string | null =>
  Tags?.find(({ Key }) => Key === prefix + key)?.Value ?? null;

/** Instances by filter; terminated ones stay among them for about an hour, just launched ones may not be among them yet. */
export const instancesBy = (ec2: Client, tags: Record<string, string>): Promise<Instance[]> => {
  const Filters = Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
  return everyPage(async (NextToken) => {
    // Calls without a page size draw from a smaller bucket of requests.
    const page = await send(ec2, new DescribeInstancesCommand({ Filters, MaxResults: 1000, NextToken }));
    return { items: page.Reservations?.flatMap(({ Instances = [] }) => Instances), next: page.NextToken };
  });
};

/** A slot's numbered instances. */
export const slotInstances = (ec2: Client, service: string, slot: Slot): Promise<Instance[]> =>
  instancesBy(ec2, { [`${prefix}service`]: service, [`${prefix}slot`]: slot });

/** Auto Scaling gives it to what a group keeps, and takes it from what is detached. */
export const groupTag = 'aws:autoscaling:groupName';

/** A service's tag alone says whose an instance is, and not that it is of a release: a bastion or a database may bear it, too. */
export const ownInstances = async (ec2: Client, service: string): Promise<Own[]> =>
  (await instancesBy(ec2, { [`${prefix}service`]: service }))
    .filter((instance) => isAlive(instance) && !instance.Tags?.some(({ Key }) => Key === groupTag))
    .flatMap((instance) => {
      const release = tagOf(instance, 'release');
      if (release === null) return [];
      const slot = slots.find((one) => one === tagOf(instance, 'slot')) ?? null;
      const { id, launchedAt } = viewOf(instance);
      return [{ id, slot, release, number: numberOf(instance), launchedAt }];
    });

/** Null: it has none. */
export const numberOf = (instance: Instance): number | null => {
  const number = Number(tagOf(instance, 'number') ?? Number.NaN);
  return Number.isInteger(number) && number >= 1 ? number : null;
};

const states: Record<string, InstanceView['state']> = {
  pending: 'pending',
  running: 'running',
  'shutting-down': 'stopping',
  stopping: 'stopping',
  stopped: 'stopping',
};

export const viewOf = (instance: Instance): InstanceView => ({
  id: instance.InstanceId ?? '',
  zone: instance.Placement?.AvailabilityZone ?? '',
  state: states[instance.State?.Name ?? ''] ?? 'gone',
  reason: instance.StateReason?.Message ?? null,
  release: tagOf(instance, 'release'),
  launchedAt: instance.LaunchTime?.getTime() ?? 0,
});

export const byLaunch = (a: Instance, b: Instance): number =>
  (a.LaunchTime?.getTime() ?? 0) - (b.LaunchTime?.getTime() ?? 0);

/** Will run or runs: what keeps its number from being launched again. */
export const isAlive = ({ State }: Instance): boolean => State?.Name === 'pending' || State?.Name === 'running';

/** Nothing is left to terminate. A stopped instance is not: it can be started again. */
export const isEnding = ({ State }: Instance): boolean =>
  State?.Name === 'shutting-down' || State?.Name === 'terminated';

/** Spot instances that EC2 is about to take back: they have left their target group, and are not to come back to it. */
export const interrupted = async (ec2: Client, instances: Instance[]): Promise<Set<string>> => {
  const spot = instances
    .filter(({ InstanceLifecycle }) => InstanceLifecycle === 'spot')
    .map(({ InstanceId = '' }) => InstanceId);
  if (spot.length === 0) return new Set();
  const Filters = [{ Name: 'instance-id', Values: spot }];
  const { SpotInstanceRequests = [] } = await send(ec2, new DescribeSpotInstanceRequestsCommand({ Filters }));
  return new Set(
    SpotInstanceRequests.filter(({ Status }) => /^marked-for-/.test(Status?.Code ?? '')).map(
      ({ InstanceId = '' }) => InstanceId,
    ),
  );
};
