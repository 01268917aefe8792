/** EC2: launches by token, ends, looks by filter and id. */
import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeSpotInstanceRequestsCommand,
  GetConsoleOutputCommand,
  type Instance,
  type InstanceStateChange,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type Tag,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { type Account, codeOf, type Sequence, type SidesClients } from '../sides.ts';

const unknownInstance = 'i-0123456789abcdef0';

export const tags = (all: Tag[] = []): Record<string, string> =>
  Object.fromEntries(
    all
      .filter(({ Key }) => Key?.startsWith('cutover:'))
      .map(({ Key = '', Value = '' }) => [Key, Value])
      .toSorted(),
  );

const shown = ({ InstanceId, State, Placement, StateReason, InstanceLifecycle, Tags }: Instance) => ({
  id: InstanceId,
  state: State?.Name,
  zone: Placement?.AvailabilityZone,
  // Of one that runs, moto has an empty reason.
  reason: StateReason?.Code || undefined,
  lifecycle: InstanceLifecycle,
  tags: tags(Tags),
});

/** As adapters/aws/instances/launch.ts launches. */
const run = ({ template, subnets: [SubnetId], service }: Account, change: Partial<RunInstancesCommandInput> = {}) =>
  new RunInstancesCommand({
    MinCount: 1,
    MaxCount: 1,
    ClientToken: `${service.name} 1`,
    LaunchTemplate: { LaunchTemplateName: template, Version: '1' },
    SubnetId,
    MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'cutover:service', Value: service.name }] }],
    ...change,
  });

export const launch = async (
  { ec2 }: Pick<SidesClients, 'ec2'>,
  account: Account,
  change: Partial<RunInstancesCommandInput> = {},
): Promise<string> => {
  const { Instances: [instance] = [] } = await ec2.send(run(account, change));
  return instance?.InstanceId ?? '';
};

const list = async ({ ec2 }: SidesClients, input: DescribeInstancesCommandInput) => {
  const { Reservations = [], NextToken } = await ec2.send(new DescribeInstancesCommand(input));
  return { instances: Reservations.flatMap(({ Instances = [] }) => Instances), next: NextToken };
};

const ours = ({ service }: Account, ...states: string[]) => ({
  Filters: [
    { Name: 'tag:cutover:service', Values: [service.name] },
    ...(states.length > 0 ? [{ Name: 'instance-state-name', Values: states }] : []),
  ],
});

const end = async ({ ec2 }: SidesClients, ids: string[]) => {
  const { TerminatingInstances = [] } = await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
  return TerminatingInstances.map(({ InstanceId, PreviousState, CurrentState }: InstanceStateChange) => ({
    id: InstanceId,
    from: PreviousState?.Name,
    to: CurrentState?.Name,
  }));
};

export const sequencesOfInstances: Sequence[] = [
  {
    name: 'RunInstances, seen a minute later by tag',
    run: async (clients, account) => {
      const { Instances = [] } = await clients.ec2.send(run(account));
      await account.pass(60);
      const { instances } = await list(clients, { ...ours(account), MaxResults: 1000 });
      return { answered: Instances.map(({ State }) => State?.Name), seen: instances.map(shown) };
    },
  },
  {
    name: 'RunInstances twice with one client token',
    run: async (clients, account) => {
      const first = await launch(clients, account);
      const again = await launch(clients, account);
      return { first, again, many: (await list(clients, ours(account))).instances.length };
    },
  },
  {
    name: 'RunInstances with one client token and other parameters',
    run: async ({ ec2 }, account) => {
      await ec2.send(run(account));
      return {
        otherTags: await codeOf(ec2.send(run(account, { TagSpecifications: [] }))),
        moreInstances: await codeOf(ec2.send(run(account, { MaxCount: 2 }))),
      };
    },
  },
  {
    name: 'RunInstances with one client token in another subnet',
    run: async (clients, account) => {
      const first = await launch(clients, account);
      const [, SubnetId = ''] = account.subnets;
      const other = await codeOf(clients.ec2.send(run(account, { SubnetId })));
      return { first, other, many: (await list(clients, ours(account))).instances.length };
    },
  },
  {
    name: 'RunInstances with the client token of an instance that has ended',
    run: async (clients, account) => {
      await end(clients, [await launch(clients, account)]);
      await account.pass(60);
      return { again: await codeOf(clients.ec2.send(run(account))) };
    },
  },
  {
    name: 'RunInstances from what is not there',
    run: async ({ ec2 }, account) => {
      const { template, service } = account;
      const code = (change: Partial<RunInstancesCommandInput>, token: string) =>
        codeOf(ec2.send(run(account, { ...change, ClientToken: `${service.name} ${token}` })));
      return {
        templateName: await code({ LaunchTemplate: { LaunchTemplateName: 'none', Version: '1' } }, 'a'),
        templateVersion: await code({ LaunchTemplate: { LaunchTemplateName: template, Version: '9' } }, 'c'),
        image: await code({ ImageId: 'ami-0123456789abcdef0' }, 'd'),
        subnet: await code({ SubnetId: 'subnet-0123456789abcdef0' }, 'e'),
      };
    },
  },
  {
    name: 'RunInstances with a tag that instance metadata cannot show',
    run: async ({ ec2 }, account) => {
      const Tags = [{ Key: 'team/name', Value: 'shop' }];
      return {
        code: await codeOf(ec2.send(run(account, { TagSpecifications: [{ ResourceType: 'instance', Tags }] }))),
      };
    },
  },
  {
    name: 'TerminateInstances twice',
    run: async (clients, account) => {
      const id = await launch(clients, account);
      await account.pass(60);
      const first = await end(clients, [id]);
      await account.pass(60);
      const { instances } = await list(clients, ours(account));
      return { first, again: await end(clients, [id]), seen: instances.map(shown) };
    },
  },
  {
    name: 'TerminateInstances of one that is not there, alone and beside one that is',
    run: async (clients, account) => {
      const id = await launch(clients, account);
      await account.pass(60);
      const alone = await codeOf(end(clients, [unknownInstance]));
      const beside = await codeOf(end(clients, [id, unknownInstance]));
      return { alone, beside, left: (await list(clients, ours(account, 'running'))).instances.length };
    },
  },
  {
    name: 'DescribeInstances by filter',
    run: async (clients, account) => {
      const [first, second] = [await launch(clients, account), await launch(clients, account, { ClientToken: 'b' })];
      await account.pass(60);
      await end(clients, [second]);
      await account.pass(60);
      const ids = async (input: DescribeInstancesCommandInput) =>
        (await list(clients, input)).instances.map(({ InstanceId }) => InstanceId);
      return {
        launched: [first, second],
        all: await ids(ours(account)),
        running: await ids(ours(account, 'pending', 'running')),
        ended: await ids(ours(account, 'terminated')),
        none: await ids({ Filters: [{ Name: 'tag:cutover:service', Values: ['nobody'] }] }),
      };
    },
  },
  {
    name: 'DescribeInstances page by page',
    run: async (clients, account) => {
      for (const ClientToken of 'abcdef')
        await launch(clients, account, { ClientToken: `${account.service.name} ${ClientToken}` });
      const first = await list(clients, { ...ours(account), MaxResults: 5 });
      const second = await list(clients, { ...ours(account), MaxResults: 5, NextToken: first.next });
      return { sizes: [first.instances.length, second.instances.length], more: second.next !== undefined };
    },
  },
  {
    name: 'DescribeInstances by id, one of which is not there',
    run: async (clients, account) => {
      const id = await launch(clients, account);
      return {
        known: (await list(clients, { InstanceIds: [id] })).instances.length,
        unknown: await codeOf(list(clients, { InstanceIds: [unknownInstance] })),
        both: await codeOf(list(clients, { InstanceIds: [id, unknownInstance] })),
      };
    },
  },
  {
    name: 'GetConsoleOutput and DescribeSpotInstanceRequests of an instance, and of one that is not there',
    run: async ({ ec2 }, account) => {
      const id = await launch({ ec2 }, account);
      const spot = async (Values: string[]) => {
        const Filters = [{ Name: 'instance-id', Values }];
        return (await ec2.send(new DescribeSpotInstanceRequestsCommand({ Filters }))).SpotInstanceRequests;
      };
      return {
        console: await codeOf(ec2.send(new GetConsoleOutputCommand({ InstanceId: id }))),
        unknown: await codeOf(ec2.send(new GetConsoleOutputCommand({ InstanceId: unknownInstance }))),
        spot: await spot([id, unknownInstance]),
      };
    },
  },
];
