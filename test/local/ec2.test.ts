import {
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeLaunchTemplateVersionsCommand,
  GetConsoleOutputCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { firstVersion } from '../../local/simulated/launch-templates.ts';
import { cloudForTests, type TestCloud } from './fixture.ts';

const launch = (overrides: Partial<RunInstancesCommandInput> = {}) =>
  new RunInstancesCommand({
    ClientToken: 'token-1',
    LaunchTemplate: { LaunchTemplateName: 'shop', Version: '1' },
    SubnetId: 'subnet-a',
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'cutover:service', Value: 'shop' }] }],
    ...overrides,
  });

const ours = [{ Name: 'tag:cutover:service', Values: ['shop'] }];

const run = async (cloud: TestCloud, overrides: Partial<RunInstancesCommandInput> = {}) => {
  const { Instances = [] } = await cloud.done(cloud.clients.ec2.send(launch(overrides)));
  return Instances.map(({ InstanceId = '' }) => InstanceId);
};

const list = async (cloud: TestCloud, input: DescribeInstancesCommandInput = { Filters: ours }) => {
  const { Reservations = [] } = await cloud.done(cloud.clients.ec2.send(new DescribeInstancesCommand(input)));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
};

describe('RunInstances', () => {
  it('launches from a template into the subnet’s zone, running some seconds later', async () => {
    const cloud = cloudForTests();
    const [id] = await run(cloud, { SubnetId: 'subnet-b' });
    await cloud.pass(10);
    const [instance] = await list(cloud);
    expect(instance).toMatchObject({
      InstanceId: id,
      State: { Name: 'running' },
      Placement: { AvailabilityZone: 'eu-west-1b' },
      Tags: [{ Key: 'cutover:service', Value: 'shop' }],
    });
  });

  it('answers a repeated token with the first launch, also one minute later', async () => {
    const cloud = cloudForTests();
    const first = await run(cloud);
    await cloud.pass(60);
    expect(await run(cloud)).toEqual(first);
    expect(await list(cloud)).toHaveLength(1);
  });

  it('refuses a repeated token with other parameters', async () => {
    const cloud = cloudForTests();
    await run(cloud);
    await expect(run(cloud, { MaxCount: 2 })).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
  });

  it('launches again under the same token in another subnet', async () => {
    const cloud = cloudForTests();
    const first = await run(cloud);
    expect(await run(cloud, { SubnetId: 'subnet-b' })).not.toEqual(first);
  });

  it('refuses the token of an instance that is gone, until the token is forgotten after a day', async () => {
    const cloud = cloudForTests();
    const [id = ''] = await run(cloud);
    cloud.world.kill(id);
    await expect(run(cloud)).rejects.toMatchObject({ name: 'IdempotentInstanceTerminated' });
    await cloud.pass(86_400);
    expect(await run(cloud)).toHaveLength(1);
  });

  it('launches fewer where a zone lacks room, and nothing at all below MinCount', async () => {
    const cloud = cloudForTests();
    cloud.world.capacity.set('eu-west-1a', 2);
    expect(await run(cloud, { MinCount: 1, MaxCount: 4 })).toHaveLength(2);
    await expect(run(cloud, { ClientToken: 'token-2' })).rejects.toMatchObject({
      name: 'InsufficientInstanceCapacity',
      $fault: 'server',
    });
    expect(await run(cloud, { ClientToken: 'token-2', SubnetId: 'subnet-b' })).toHaveLength(1);
  });

  it('refuses tag keys that instance metadata cannot show', async () => {
    const cloud = cloudForTests({}, { tags: { 'cost/centre': '7' } });
    const MetadataOptions = { HttpTokens: 'required', InstanceMetadataTags: 'enabled' } as const;
    await expect(run(cloud, { MetadataOptions })).rejects.toThrow(/cost\/centre/);
  });

  it.each([
    ['a missing image', { ImageId: 'ami-1' }, 'InvalidAMIID.NotFound'],
    ['a missing subnet', { SubnetId: 'subnet-x' }, 'InvalidSubnetID.NotFound'],
    [
      'a missing template',
      { LaunchTemplate: { LaunchTemplateName: 'x' } },
      'InvalidLaunchTemplateName.NotFoundException',
    ],
    [
      'a missing version',
      { LaunchTemplate: { LaunchTemplateName: 'shop', Version: '9' } },
      'InvalidLaunchTemplateId.VersionNotFound',
    ],
  ])('refuses %s', async (_, overrides, name) => {
    await expect(run(cloudForTests(), overrides)).rejects.toMatchObject({ name });
  });
});

describe('DescribeInstances', () => {
  it('does not see an instance in its first two seconds, by tag or by id', async () => {
    const cloud = cloudForTests();
    const InstanceIds = await run(cloud);
    expect(await list(cloud)).toEqual([]);
    await expect(list(cloud, { InstanceIds })).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    await cloud.pass(2);
    expect(await list(cloud)).toHaveLength(1);
    expect(await list(cloud, { InstanceIds })).toHaveLength(1);
  });

  it('pages through a fleet, each instance once', async () => {
    const cloud = cloudForTests();
    const ids = await run(cloud, { MaxCount: 25 });
    await cloud.pass(10);
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloud.done(
        cloud.clients.ec2.send(new DescribeInstancesCommand({ Filters: ours, MaxResults: 10, NextToken })),
      );
      seen.push(
        ...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)),
      );
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(ids);
  });

  it('filters by state and by client token', async () => {
    const cloud = cloudForTests();
    const [first = ''] = await run(cloud);
    await run(cloud, { ClientToken: 'token-2' });
    await cloud.pass(10);
    cloud.world.kill(first);
    const running = await list(cloud, { Filters: [...ours, { Name: 'instance-state-name', Values: ['running'] }] });
    expect(running.map(({ ClientToken }) => ClientToken)).toEqual(['token-2']);
    expect(await list(cloud, { Filters: [{ Name: 'client-token', Values: ['token-1'] }] })).toHaveLength(1);
  });

  it('does not combine ids with a page size', async () => {
    const listed = list(cloudForTests(), { InstanceIds: ['i-1'], MaxResults: 5 });
    await expect(listed).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });
});

describe('TerminateInstances', () => {
  it('terminates nothing if one id is unknown', async () => {
    const cloud = cloudForTests();
    const ids = await run(cloud, { MaxCount: 2 });
    await cloud.pass(10);
    const terminated = cloud.done(
      cloud.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [...ids, 'i-unknown'] })),
    );
    await expect(terminated).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
    expect((await list(cloud)).map(({ State }) => State?.Name)).toEqual(['running', 'running']);
  });

  it('shows an instance as shutting-down, then terminated for an hour, then no more', async () => {
    const cloud = cloudForTests();
    const InstanceIds = await run(cloud);
    await cloud.pass(10);
    await cloud.done(cloud.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds })));
    expect((await list(cloud))[0]?.State?.Name).toBe('shutting-down');
    await cloud.pass(60);
    expect((await list(cloud))[0]?.State?.Name).toBe('terminated');
    await cloud.pass(3600);
    expect(await list(cloud)).toEqual([]);
    expect(cloud.world.instances.size).toBe(0);
  });
});

describe('what EC2 tells of an instance', () => {
  it('has the words of a program that ended, and what it printed', async () => {
    const cloud = cloudForTests();
    const Tags = [
      { Key: 'cutover:service', Value: 'shop' },
      { Key: 'cutover:image', Value: 'shop@sha256:bad' },
    ];
    cloud.machines.describe('shop@sha256:bad', { boot: 5000, exits: 'exited with code 1', output: 'no such file' });
    const [InstanceId] = await run(cloud, { TagSpecifications: [{ ResourceType: 'instance', Tags }] });
    await cloud.pass(10);
    const [instance] = await list(cloud);
    expect(instance).toMatchObject({ State: { Name: 'terminated' }, StateReason: { Message: 'exited with code 1' } });
    const { Output = '' } = await cloud.done(cloud.clients.ec2.send(new GetConsoleOutputCommand({ InstanceId })));
    expect(Buffer.from(Output, 'base64').toString()).toBe('no such file');
  });
});

describe('console output', () => {
  it('is there for as long as the instance is shown, though its program is gone', async () => {
    const cloud = cloudForTests();
    const Tags = [{ Key: 'cutover:image', Value: 'loud' }];
    cloud.machines.describe('loud', { output: 'listening' });
    const InstanceIds = await run(cloud, { TagSpecifications: [{ ResourceType: 'instance', Tags }] });
    await cloud.pass(10);
    await cloud.done(cloud.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds })));
    await cloud.pass(600);
    const command = new GetConsoleOutputCommand({ InstanceId: InstanceIds[0] });
    const { Output = '' } = await cloud.done(cloud.clients.ec2.send(command));
    expect(Buffer.from(Output, 'base64').toString()).toBe('listening');
  });
});

describe('images and templates', () => {
  it('finds images by id, owner, state and a name with wildcards', async () => {
    const cloud = cloudForTests();
    cloud.makeAmi({ id: 'ami-1', name: 'shop-2026.01' });
    cloud.makeAmi({ id: 'ami-2', name: 'shop-2026.02', state: 'pending' });
    cloud.makeAmi({ id: 'ami-3', name: 'shop-theirs', owner: '999900001111' });
    const Filters = [
      { Name: 'name', Values: ['shop-*'] },
      { Name: 'state', Values: ['available'] },
    ];
    const find = async (input: DescribeImagesCommandInput) =>
      (await cloud.done(cloud.clients.ec2.send(new DescribeImagesCommand(input)))).Images?.map(
        ({ ImageId }) => ImageId,
      );
    expect(await find({ Owners: ['self'], Filters })).toEqual(['ami-1']);
    expect(await find({ ImageIds: ['ami-2'] })).toEqual(['ami-2']);
    expect(await find({ Filters: [{ Name: 'name', Values: ['shop-2026?0?'] }] })).toEqual(['ami-1', 'ami-2']);
    await expect(find({ ImageIds: ['ami-9'] })).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
  });

  it('turns $Latest into a number', async () => {
    const cloud = cloudForTests();
    cloud.world.templates.get('shop')?.versions.push(firstVersion('ami-1', { team: 'web' }));
    const versions = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'shop', Versions: ['$Latest'] });
    const { LaunchTemplateVersions = [] } = await cloud.done(cloud.clients.ec2.send(versions));
    expect(LaunchTemplateVersions).toMatchObject([{ VersionNumber: 2, LaunchTemplateData: { ImageId: 'ami-1' } }]);
  });
});

describe('what is not simulated', () => {
  it('is refused by name: commands, parameters, filters', async () => {
    const cloud = cloudForTests();
    const { ec2 } = cloud.clients;
    await expect(ec2.send(new StartInstancesCommand({ InstanceIds: [] }))).rejects.toThrow(
      'local cloud: ec2 StartInstancesCommand is not simulated',
    );
    await expect(run(cloud, { KeyName: 'ssh' })).rejects.toThrow('ec2 RunInstances with KeyName is not simulated');
    cloud.world.launch({ ami: 'ami-1', subnet: { id: 's', zone: 'z' }, tags: {}, clientToken: undefined });
    await expect(list(cloud, { Filters: [{ Name: 'vpc-id', Values: ['v'] }] })).rejects.toThrow('filter vpc-id');
  });
});
