/** EC2's RunInstances: client tokens, launch templates, capacity; and the description of an instance. */
import type * as ec2 from '@aws-sdk/client-ec2';
import { awsError, only } from '../client.ts';
import type { Instance, Template, TemplateVersion } from './resources.ts';
import type { World } from './world.ts';

export const codes = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48 } as const;

export const tagList = (tags: Record<string, string>): ec2.Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** As DescribeInstances and RunInstances show it. */
export const view = (instance: Instance): ec2.Instance => ({
  InstanceId: instance.id,
  ImageId: instance.ami,
  State: { Code: codes[instance.state], Name: instance.state },
  StateReason: instance.reason && { Code: instance.reason.code, Message: instance.reason.message },
  StateTransitionReason: instance.reason?.message ?? '',
  SubnetId: instance.subnet.id,
  PrivateIpAddress: instance.address,
  Placement: { AvailabilityZone: instance.subnet.zone },
  LaunchTime: new Date(instance.launchedAt),
  ClientToken: instance.clientToken,
  InstanceType: instance.type as ec2._InstanceType,
  ...(instance.spot && { InstanceLifecycle: 'spot' as const }),
  Tags: tagList(instance.tags),
});

export const templateOf = (
  world: World,
  spec: { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined },
): Template => {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = spec;
  for (const template of world.templates.values()) if (template.id === id || template.name === name) return template;
  throw id === undefined
    ? awsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name}, does not exist.`,
      )
    : awsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
};

export const versionOf = (template: Template, version: string): number => {
  if (version === '$Latest') return template.versions.findLastIndex(({ deleted }) => deleted !== true) + 1;
  if (version === '$Default') return template.defaultVersion;
  const found = template.versions[Number(version) - 1];
  if (found !== undefined && found.deleted !== true) return Number(version);
  throw awsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find launch template version ${version} of ${template.id}.`,
  );
};

/** `resolve:ssm:/name` stands for what the parameter holds at this moment. */
export const resolvedImage = (world: World, written: string): string => {
  const name = /^resolve:ssm:(.+)$/.exec(written)?.[1];
  return name === undefined ? written : (world.parameters.get(name)?.value ?? written);
};

/** Why nothing can be launched from the image; undefined: it can. */
export const imageProblem = (world: World, written: string): { code: string; message: string } | undefined => {
  const ami = resolvedImage(world, written);
  const state = world.amis.get(ami)?.state;
  if (state === undefined) return { code: 'InvalidAMIID.NotFound', message: `The image id '[${ami}]' does not exist` };
  return state === 'available'
    ? undefined
    : { code: 'InvalidAMIID.Unavailable', message: `The image ID '${ami}' is not available` };
};

const required = <T>(value: T | undefined, code: string, message: string): T => {
  if (value === undefined) throw awsError(code, message);
  return value;
};

/** What a client token once did. */
interface Remembered {
  request: string;
  instances: Instance[];
  at: number;
}

export const runInstances =
  (world: World, remembered: Map<string, Remembered>) => (input: ec2.RunInstancesCommandInput) => {
    only('ec2 RunInstances', input, [
      'ClientToken',
      'LaunchTemplate',
      'SubnetId',
      'MinCount',
      'MaxCount',
      'ImageId',
      'TagSpecifications',
      'MetadataOptions',
    ]);
    only('ec2 RunInstances LaunchTemplate', input.LaunchTemplate ?? {}, [
      'LaunchTemplateId',
      'LaunchTemplateName',
      'Version',
    ]);
    const now = world.time.now();
    for (const [key, { at }] of remembered) {
      if (now - at < world.latencies.clientToken) break;
      remembered.delete(key);
    }
    // Zonal: the same token in another zone launches again.
    const zone = world.subnets.get(input.SubnetId ?? '')?.zone;
    const key = input.ClientToken === undefined ? undefined : `${input.ClientToken} ${zone}`;
    const request = JSON.stringify(input);
    const before = key === undefined ? undefined : remembered.get(key);
    if (before !== undefined) {
      if (before.request !== request)
        throw awsError(
          'IdempotentParameterMismatch',
          `The client token ${input.ClientToken} was used with other parameters.`,
        );
      const ended = before.instances.find(({ state }) => state === 'terminated');
      if (ended !== undefined)
        throw awsError(
          'IdempotentInstanceTerminated',
          `The instance ${ended.id} launched with client token ${input.ClientToken} has been terminated.`,
        );
      return { Instances: before.instances.map(view) };
    }
    const template = templateOf(world, input.LaunchTemplate ?? {});
    const version = template.versions[
      versionOf(template, input.LaunchTemplate?.Version ?? '$Default') - 1
    ] as TemplateVersion;
    const ami = resolvedImage(world, input.ImageId ?? version.ami);
    const unusable = imageProblem(world, ami);
    if (unusable !== undefined) throw awsError(unusable.code, unusable.message);
    const subnet = required(
      world.subnets.get(input.SubnetId ?? ''),
      'InvalidSubnetID.NotFound',
      `The subnet ID '${input.SubnetId}' does not exist`,
    );
    const tags = { ...version.tags };
    for (const { ResourceType, Tags } of input.TagSpecifications ?? []) {
      if (ResourceType === 'instance') for (const { Key = '', Value = '' } of Tags ?? []) tags[Key] = Value;
    }
    const unfit =
      input.MetadataOptions?.InstanceMetadataTags === 'enabled'
        ? Object.keys(tags).find((tag) => /[/\s]/.test(tag))
        : undefined;
    if (unfit !== undefined)
      throw awsError(
        'InvalidParameterValue',
        `'${unfit}' is not a valid tag key: tags in instance metadata allow no space and no '/'.`,
      );
    const count = Math.min(input.MaxCount ?? 0, world.room(subnet.zone));
    if (count < (input.MinCount ?? 1)) {
      throw awsError(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient capacity in the Availability Zone you requested (${subnet.zone}).`,
        'server',
      );
    }
    const instances = Array.from({ length: count }, () =>
      world.launch({
        ami,
        type: version.type,
        spot: version.spot,
        subnet,
        tags,
        clientToken: input.ClientToken,
      }),
    );
    if (key !== undefined) remembered.set(key, { request, instances, at: now });
    return { Instances: instances.map(view) };
  };
