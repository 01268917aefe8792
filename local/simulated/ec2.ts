/** EC2: launching, finding and ending instances; AMIs and template versions. */
import type * as ec2 from '@aws-sdk/client-ec2';
import { type Answer, awsError, type Handlers, matchesWildcard, only, page } from '../client.ts';
import { templateHandlers } from './launch-templates.ts';
import { limitHandlers } from './limits.ts';
import type { Instance } from './resources.ts';
import { codes, runInstances, view } from './run-instances.ts';
import { account, type World } from './world.ts';

/** The values of one kind of filter of DescribeInstances, as found on an instance. */
const filtered = (instance: Instance, name: string): string | undefined => {
  if (name.startsWith('tag:')) return instance.tags[name.slice(4)];
  if (name === 'instance-state-name') return instance.state;
  if (name === 'client-token') return instance.clientToken;
  if (name === 'instance-id') return instance.id;
  throw new Error(`local cloud: ec2 DescribeInstances with filter ${name} is not simulated`);
};

/** Of an image's one disk. */
const snapshotOf = (ami: string): string => ami.replace('ami-', 'snap-');

export const ec2Handlers = (world: World) => {
  const isVisible = ({ launchedAt }: Instance): boolean => world.time.now() - launchedAt >= world.latencies.visible;

  /** One unknown id fails the whole call; one that was launched a moment ago is unknown too. */
  const known = (ids: string[]): Instance[] => {
    const found = ids.map((id) => world.instances.get(id));
    const unknown = ids.filter((_, index) => !(found[index] && isVisible(found[index])));
    if (unknown.length > 0)
      throw awsError('InvalidInstanceID.NotFound', `The instance IDs '${unknown.join(', ')}' do not exist`);
    return found as Instance[];
  };

  const candidates = (filters: ec2.Filter[]): Iterable<Instance> => {
    const byTag = filters.find(({ Name, Values }) => Name?.startsWith('tag:') && Values?.length === 1);
    return byTag === undefined
      ? world.instances.values()
      : world.tagged((byTag.Name as string).slice(4), byTag.Values?.[0] as string);
  };

  return {
    RunInstances: runInstances(world, new Map()),

    DescribeInstances: (input: ec2.DescribeInstancesCommandInput): Answer<ec2.DescribeInstancesCommandOutput> => {
      only('ec2 DescribeInstances', input, ['InstanceIds', 'Filters', 'MaxResults', 'NextToken']);
      const { InstanceIds: ids = [], Filters: filters = [], MaxResults: size = 1000, NextToken: token } = input;
      if (ids.length > 0 && input.MaxResults !== undefined) {
        throw awsError(
          'InvalidParameterCombination',
          'The parameter instancesSet cannot be used with the parameter maxResults',
        );
      }
      world.forget();
      const found: Instance[] = [];
      for (const instance of ids.length > 0 ? known(ids) : candidates(filters)) {
        const passes = filters.every(({ Name = '', Values = [] }) =>
          Values.includes(filtered(instance, Name) as string),
        );
        if (passes && isVisible(instance)) found.push(instance);
      }
      const { items, next } = page(found, size, token);
      // A reservation is one launch's; callers have to flatten them.
      return {
        Reservations: items.map((instance) => ({ OwnerId: account, Instances: [view(instance)] })),
        NextToken: next,
      };
    },

    TerminateInstances: (input: ec2.TerminateInstancesCommandInput): Answer<ec2.TerminateInstancesCommandOutput> => {
      only('ec2 TerminateInstances', input, ['InstanceIds']);
      const ids = input.InstanceIds ?? [];
      if (ids.length === 0 || ids.length > 1000)
        throw awsError('InvalidParameterValue', `Between 1 and 1000 instance IDs are allowed, not ${ids.length}`);
      world.forget();
      return {
        TerminatingInstances: known(ids).map((instance) => {
          const { state } = instance;
          world.terminate(instance);
          const of = (name: Instance['state']) => ({ Code: codes[name], Name: name });
          return { InstanceId: instance.id, PreviousState: of(state), CurrentState: of(instance.state) };
        }),
      };
    },

    GetConsoleOutput: (input: ec2.GetConsoleOutputCommandInput): Answer<ec2.GetConsoleOutputCommandOutput> => {
      only('ec2 GetConsoleOutput', input, ['InstanceId', 'Latest']);
      const [instance] = known([input.InstanceId ?? '']) as [Instance];
      const output = world.outputOf(instance);
      return {
        InstanceId: instance.id,
        Timestamp: new Date(world.time.now()),
        Output: Buffer.from(output).toString('base64'),
      };
    },

    DescribeImages: (input: ec2.DescribeImagesCommandInput): Answer<ec2.DescribeImagesCommandOutput> => {
      only('ec2 DescribeImages', input, ['ImageIds', 'Owners', 'Filters', 'MaxResults', 'NextToken']);
      const ids = input.ImageIds ?? [];
      const missing = ids.find((id) => !world.amis.has(id));
      if (missing !== undefined) throw awsError('InvalidAMIID.NotFound', `The image id '[${missing}]' does not exist`);
      const owners = input.Owners?.map((owner) => (owner === 'self' ? account : owner));
      const matches = [...world.amis.values()].filter((ami) => {
        if (ids.length > 0 && !ids.includes(ami.id)) return false;
        if (owners !== undefined && !owners.includes(ami.owner)) return false;
        return (input.Filters ?? []).every(({ Name, Values = [] }) => {
          if (Name === 'name') return Values.some((pattern) => matchesWildcard(pattern, ami.name));
          if (Name === 'state') return Values.includes(ami.state);
          throw new Error(`local cloud: ec2 DescribeImages with filter ${Name} is not simulated`);
        });
      });
      const { items, next } = page(matches, input.MaxResults ?? 1000, input.NextToken);
      const images = items.map(({ id, name, owner, state, madeAt, key }) => ({
        ImageId: id,
        Name: name,
        OwnerId: owner,
        State: state,
        CreationDate: new Date(madeAt).toISOString(),
        BlockDeviceMappings: [
          { DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotOf(id), Encrypted: key !== undefined } },
        ],
      }));
      return { Images: images, NextToken: next };
    },

    DescribeSnapshots: (input: ec2.DescribeSnapshotsCommandInput): Answer<ec2.DescribeSnapshotsCommandOutput> => {
      only('ec2 DescribeSnapshots', input, ['SnapshotIds']);
      return {
        Snapshots: (input.SnapshotIds ?? []).map((SnapshotId) => {
          const ami = [...world.amis.values()].find(({ id }) => snapshotOf(id) === SnapshotId);
          if (ami === undefined)
            throw awsError('InvalidSnapshot.NotFound', `The snapshot '${SnapshotId}' does not exist.`);
          return { SnapshotId, Encrypted: ami.key !== undefined, ...(ami.key !== undefined && { KmsKeyId: ami.key }) };
        }),
      };
    },

    DescribeSpotInstanceRequests: (
      input: ec2.DescribeSpotInstanceRequestsCommandInput,
    ): Answer<ec2.DescribeSpotInstanceRequestsCommandOutput> => {
      only('ec2 DescribeSpotInstanceRequests', input, ['Filters']);
      const ids = (input.Filters ?? []).flatMap(({ Name, Values = [] }) => {
        if (Name === 'instance-id') return Values;
        throw new Error(`local cloud: ec2 DescribeSpotInstanceRequests with filter ${Name} is not simulated`);
      });
      const spot = ids.flatMap((id) => world.instances.get(id) ?? []).filter((instance) => instance.spot);
      return {
        SpotInstanceRequests: spot.map(({ id, interrupted }) => ({
          InstanceId: id,
          Status: { Code: interrupted ? 'marked-for-termination' : 'fulfilled' },
        })),
      };
    },

    ...limitHandlers(world),
    ...templateHandlers(world),
  } satisfies Handlers;
};
