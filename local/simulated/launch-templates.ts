/** EC2's launch templates: versions that inherit from others, once per client token. */
import type * as ec2 from '@aws-sdk/client-ec2';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import type { Template, TemplateVersion } from './resources.ts';
import { resolvedImage, tagList, templateOf, versionOf } from './run-instances.ts';
import type { World } from './world.ts';

export const firstVersion = (ami: string, tags: Record<string, string> = {}): TemplateVersion => ({
  ami,
  type: 'm7g.large',
  spot: false,
  tags,
  description: undefined,
  metadataTags: 'disabled',
  httpTokens: 'optional',
  disks: [],
  madeAt: Number.NEGATIVE_INFINITY,
});

const shown = (template: Template, VersionNumber: number): ec2.LaunchTemplateVersion => {
  const version = template.versions[VersionNumber - 1] as TemplateVersion;
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber,
    DefaultVersion: VersionNumber === template.defaultVersion,
    ...(version.description !== undefined && { VersionDescription: version.description }),
    LaunchTemplateData: {
      ...version.more,
      ...(version.spot && {
        InstanceMarketOptions: { MarketType: 'spot' as const, ...version.more?.InstanceMarketOptions },
      }),
      ImageId: version.ami,
      InstanceType: version.type as ec2._InstanceType,
      TagSpecifications: [{ ResourceType: 'instance', Tags: tagList(version.tags) }],
      MetadataOptions: {
        ...version.more?.MetadataOptions,
        State: 'applied',
        HttpTokens: version.httpTokens,
        InstanceMetadataTags: version.metadataTags,
      },
      ...(version.disks.length > 0 && { BlockDeviceMappings: version.disks }),
    },
  };
};

/** What a request says differently from its source version. A list that is given replaces the inherited one; disks with snapshots are not inherited. */
const derived = (
  source: TemplateVersion,
  data: ec2.RequestLaunchTemplateData,
): Omit<TemplateVersion, 'description' | 'madeAt'> => {
  const tagged = data.TagSpecifications?.filter(({ ResourceType }) => ResourceType === 'instance');
  const tags = tagged?.flatMap(({ Tags = [] }) => Tags.map(({ Key = '', Value = '' }) => [Key, Value] as const));
  return {
    ami: data.ImageId ?? source.ami,
    type: data.InstanceType ?? source.type,
    spot: data.InstanceMarketOptions === undefined ? source.spot : data.InstanceMarketOptions.MarketType === 'spot',
    tags: tags === undefined ? source.tags : Object.fromEntries(tags),
    metadataTags: data.MetadataOptions?.InstanceMetadataTags ?? source.metadataTags,
    httpTokens: data.MetadataOptions?.HttpTokens ?? source.httpTokens,
    disks:
      (data.BlockDeviceMappings as ec2.LaunchTemplateBlockDeviceMapping[] | undefined) ??
      source.disks.filter(({ Ebs }) => Ebs?.SnapshotId === undefined),
    ...(source.more && { more: source.more }),
  };
};

export const templateHandlers = (world: World) => {
  const resolved = (version: ec2.LaunchTemplateVersion, { ResolveAlias }: { ResolveAlias?: boolean | undefined }) => {
    const { LaunchTemplateData: data } = version;
    if (ResolveAlias !== true || data?.ImageId === undefined) return version;
    return { ...version, LaunchTemplateData: { ...data, ImageId: resolvedImage(world, data.ImageId) } };
  };
  const remembered = new Map<string, { request: string; version: number }>();
  return {
    DescribeLaunchTemplateVersions: (
      input: ec2.DescribeLaunchTemplateVersionsCommandInput,
    ): Answer<ec2.DescribeLaunchTemplateVersionsCommandOutput> => {
      only('ec2 DescribeLaunchTemplateVersions', input, [
        'LaunchTemplateId',
        'LaunchTemplateName',
        'Versions',
        'ResolveAlias',
        'NextToken',
        'MaxResults',
      ]);
      const template = templateOf(world, input);
      const wanted =
        input.Versions?.map((version) => versionOf(template, version)) ??
        template.versions.flatMap(({ deleted }, index) => (deleted === true ? [] : [index + 1]));
      const { items, next } = page([...new Set(wanted)], input.MaxResults ?? 200, input.NextToken);
      return {
        LaunchTemplateVersions: items.map((number) => resolved(shown(template, number), input)),
        NextToken: next,
      };
    },

    DeleteLaunchTemplateVersions: (
      input: ec2.DeleteLaunchTemplateVersionsCommandInput,
    ): Answer<ec2.DeleteLaunchTemplateVersionsCommandOutput> => {
      only('ec2 DeleteLaunchTemplateVersions', input, ['LaunchTemplateId', 'LaunchTemplateName', 'Versions']);
      const template = templateOf(world, input);
      const { Versions = [] } = input;
      if (Versions.length > 200) throw awsError('InvalidParameterValue', 'At most 200 versions are deleted at a time.');
      const entry = (VersionNumber: number) => ({
        LaunchTemplateId: template.id,
        LaunchTemplateName: template.name,
        VersionNumber,
      });
      const deletable = Versions.map(Number).filter(
        (number) => number !== template.defaultVersion && template.versions[number - 1]?.deleted !== true,
      );
      for (const number of deletable) {
        const version = template.versions[number - 1];
        if (version !== undefined) version.deleted = true;
      }
      return {
        SuccessfullyDeletedLaunchTemplateVersions: deletable.map(entry),
        UnsuccessfullyDeletedLaunchTemplateVersions: Versions.map(Number)
          .filter((number) => !deletable.includes(number))
          .map((number) => ({
            ...entry(number),
            ResponseError: { Code: 'unexpectedError', Message: 'It is the default version, or there is none.' },
          })),
      };
    },

    CreateLaunchTemplateVersion: (
      input: ec2.CreateLaunchTemplateVersionCommandInput,
    ): Answer<ec2.CreateLaunchTemplateVersionCommandOutput> => {
      only('ec2 CreateLaunchTemplateVersion', input, [
        'LaunchTemplateId',
        'LaunchTemplateName',
        'SourceVersion',
        'VersionDescription',
        'LaunchTemplateData',
        'ClientToken',
      ]);
      const { LaunchTemplateData = {}, ClientToken = '', SourceVersion = '1' } = input;
      only('ec2 LaunchTemplateData', LaunchTemplateData, [
        'ImageId',
        'InstanceType',
        'InstanceMarketOptions',
        'TagSpecifications',
        'MetadataOptions',
        'BlockDeviceMappings',
      ]);
      const template = templateOf(world, input);
      const request = JSON.stringify(input);
      const before = remembered.get(ClientToken);
      if (before !== undefined && before.request !== request)
        throw awsError(
          'IdempotentParameterMismatch',
          `The client token ${ClientToken} was used with other parameters.`,
        );
      if (before !== undefined) return { LaunchTemplateVersion: shown(template, before.version) };
      const source = template.versions[versionOf(template, SourceVersion) - 1] as TemplateVersion;
      template.versions.push({
        ...derived(source, LaunchTemplateData),
        description: input.VersionDescription,
        madeAt: world.time.now(),
      });
      const version = template.versions.length;
      if (ClientToken !== '') remembered.set(ClientToken, { request, version });
      return { LaunchTemplateVersion: shown(template, version) };
    },
  } satisfies Handlers;
};
