/** EC2: versions of launch templates, images, subnets, instance types. */
import {
  CreateLaunchTemplateVersionCommand,
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type DescribeLaunchTemplateVersionsCommandInput,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  type LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { type Account, codeOf, type Sequence, type SidesClients } from '../sides.ts';
import { tags } from './instances.ts';

const unknownImage = 'ami-0123456789abcdef0';
const unknownTemplate = 'lt-0123456789abcdef0';

const versionShown = ({
  VersionNumber,
  VersionDescription,
  DefaultVersion,
  LaunchTemplateData,
}: LaunchTemplateVersion) => {
  const { MetadataOptions, TagSpecifications = [] } = LaunchTemplateData ?? {};
  const { HttpTokens, InstanceMetadataTags } = MetadataOptions ?? {};
  const own = TagSpecifications.find(({ ResourceType }) => ResourceType === 'instance');
  return {
    number: VersionNumber,
    description: VersionDescription,
    default: DefaultVersion,
    metadata: { HttpTokens, InstanceMetadataTags },
    tags: tags(own?.Tags),
  };
};

const versions = async ({ ec2 }: SidesClients, input: DescribeLaunchTemplateVersionsCommandInput) => {
  const { LaunchTemplateVersions = [] } = await ec2.send(new DescribeLaunchTemplateVersionsCommand(input));
  return LaunchTemplateVersions.toSorted((a, b) => Number(a.VersionNumber) - Number(b.VersionNumber));
};

const baseImage = async (clients: SidesClients, { template }: Account): Promise<string> => {
  const [first] = await versions(clients, { LaunchTemplateName: template, Versions: ['$Default'] });
  return first?.LaunchTemplateData?.ImageId ?? '';
};

/** As adapters/aws/groups/release-version.ts makes one. */
const release = ({ template, service }: Account, change: { description?: string; source?: string } = {}) =>
  new CreateLaunchTemplateVersionCommand({
    LaunchTemplateName: template,
    SourceVersion: change.source ?? '1',
    VersionDescription: change.description ?? 'cutover: shop-1a2b-1',
    LaunchTemplateData: {
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'cutover:slot', Value: 'blue' }] }],
      MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    },
    ClientToken: `${service.name} release`,
  });

export const sequencesOfTemplates: Sequence[] = [
  {
    name: 'DescribeLaunchTemplateVersions',
    run: async (clients, { template }) => {
      const found = async (Versions: string[]) =>
        (await versions(clients, { LaunchTemplateName: template, Versions })).map(({ VersionNumber }) => VersionNumber);
      const code = (input: DescribeLaunchTemplateVersionsCommandInput) => codeOf(versions(clients, input));
      return {
        default: await found(['$Default']),
        unknownVersion: await code({ LaunchTemplateName: template, Versions: ['9'] }),
        unknownName: await code({ LaunchTemplateName: 'none', Versions: ['$Default'] }),
        unknownId: await code({ LaunchTemplateId: unknownTemplate, Versions: ['1'] }),
      };
    },
  },
  {
    name: 'CreateLaunchTemplateVersion inherits from its source, and does not become the default',
    run: async (clients, account) => {
      const { LaunchTemplateVersion: made } = await clients.ec2.send(release(account));
      const image = await baseImage(clients, account);
      const both = await versions(clients, { LaunchTemplateName: account.template, Versions: ['2', '$Default'] });
      const [, second = {}] = both;
      return {
        made: made?.VersionNumber,
        second: versionShown(second),
        inherits: second.LaunchTemplateData?.ImageId === image,
        default: both.filter(({ DefaultVersion }) => DefaultVersion).map(({ VersionNumber }) => VersionNumber),
      };
    },
  },
  {
    name: 'CreateLaunchTemplateVersion twice with one client token',
    run: async ({ ec2 }, account) => {
      const made = async () => (await ec2.send(release(account))).LaunchTemplateVersion?.VersionNumber;
      return {
        versions: [await made(), await made()],
        otherParameters: await codeOf(ec2.send(release(account, { description: 'another' }))),
      };
    },
  },
  {
    name: 'DescribeSubnets, DescribeInstanceTypes',
    run: async ({ ec2 }, { subnets }) => {
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: subnets }));
      const types = async (name: string) => {
        const command = new DescribeInstanceTypesCommand({ InstanceTypes: [name as 't3.micro'] });
        return (await ec2.send(command)).InstanceTypes?.map(({ VCpuInfo }) => VCpuInfo?.DefaultVCpus);
      };
      return {
        subnets: Subnets.map(({ SubnetId, AvailabilityZone, AvailableIpAddressCount }) => ({
          SubnetId,
          AvailabilityZone,
          free: (AvailableIpAddressCount ?? 0) > 4000,
        })).toSorted((a, b) => String(a.SubnetId).localeCompare(String(b.SubnetId))),
        unknownSubnet: await codeOf(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-0123456789abcdef0'] }))),
        vcpus: [await types('m7g.large'), await types('c7g.4xlarge')],
        unknownType: await codeOf(types('m7g.tiny')),
      };
    },
  },
  {
    name: 'DescribeImages, DescribeSnapshots',
    run: async (clients, account) => {
      const available = { Name: 'state', Values: ['available'] };
      const ImageIds = [await baseImage(clients, account)];
      const found = async (input: object) => {
        const command = new DescribeImagesCommand({ ...input });
        return (await clients.ec2.send(command)).Images?.map(({ ImageId }) => ImageId);
      };
      return {
        base: await found({ ImageIds, Filters: [available] }),
        ofAnother: await found({ ImageIds, Owners: ['self'], Filters: [available] }),
        byOtherName: await found({ ImageIds, Filters: [{ Name: 'name', Values: ['none-*'] }, available] }),
        unknown: await codeOf(found({ ImageIds: [unknownImage] })),
        unknownSnapshot: await codeOf(
          clients.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: ['snap-0123456789abcdef0'] })),
        ),
        noneOfName: await found({ Owners: ['self'], Filters: [{ Name: 'name', Values: ['none-*'] }, available] }),
      };
    },
  },
];
