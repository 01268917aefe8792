/** Checks the launch template that a plan pins before anything is launched from it. */
import { DescribeLaunchTemplateVersionsCommand, type Instance, type LaunchTemplateVersion } from '@aws-sdk/client-ec2';
import { Disbelieved, Rejected } from '../../../core/basics/errors.ts';
import type { Template } from '../../../core/plan/plan.ts';
import { send } from '../aws-errors.ts';
import type { Client } from '../client.ts';
import { type Group, specificationOf } from '../groups/auto-scaling.ts';

/** Whether a version was made for a release. */
export const isRelease = ({ VersionDescription = '' }: LaunchTemplateVersion): boolean =>
  VersionDescription.startsWith('cutover: ');

/** Versions of a template, by number or `$Default`. */
export const versionsOf = async (
  ec2: Client,
  named: { LaunchTemplateId: string } | { LaunchTemplateName: string },
  Versions: string[],
): Promise<LaunchTemplateVersion[]> => {
  const { LaunchTemplateVersions = [] } = await send(
    ec2,
    new DescribeLaunchTemplateVersionsCommand({ ...named, Versions }),
  );
  return LaunchTemplateVersions;
};

/** An alias may stand for another AMI tomorrow: all of a release is launched from the one that it stands for now. */
const pinnedImage = async (ec2: Client, version: LaunchTemplateVersion): Promise<{ image?: string }> => {
  const { LaunchTemplateId = '', LaunchTemplateName: name, VersionNumber, LaunchTemplateData: data = {} } = version;
  if (!data.ImageId?.startsWith('resolve:')) return {};
  const asked = { LaunchTemplateId, Versions: [String(VersionNumber)], ResolveAlias: true };
  const { LaunchTemplateVersions = [] } = await send(ec2, new DescribeLaunchTemplateVersionsCommand(asked));
  const image = LaunchTemplateVersions[0]?.LaunchTemplateData?.ImageId;
  if (image?.startsWith('ami-')) return { image };
  throw new Rejected({
    problem: `launch template ${name} version ${VersionNumber} launches ${data.ImageId}, which stands for no AMI`,
    remedy: 'let the parameter hold the id of one',
  });
};

/**
 * A configured launch template, by id or name, with its default version as a number: `$Default` may mean something else tomorrow.
 * Throws Rejected when it does not exist or cannot be launched from.
 */
export const resolveTemplate = async (ec2: Client, name: string): Promise<Template> => {
  const named = name.startsWith('lt-') ? { LaunchTemplateId: name } : { LaunchTemplateName: name };
  const [found] = await versionsOf(ec2, named, ['$Default']);
  if (found?.LaunchTemplateId === undefined || found.VersionNumber === undefined)
    throw new Rejected({
      problem: `launch template ${name} has no default version`,
      remedy: 'set one, or correct fleet.launchTemplate',
    });
  if ((found.LaunchTemplateData?.NetworkInterfaces ?? []).length > 0)
    throw new Rejected({
      problem: `launch template ${name} version ${found.VersionNumber} has network interfaces, but the subnet is chosen per instance`,
      remedy: 'give it security groups instead',
    });
  return { ...checked(found, name), ...(await pinnedImage(ec2, found)) };
};

/**
 * What the next release of a group is made of: the version that it launches from, or the template's default version where that is newer,
 * which is how its owner brings in what is to change besides the image.
 */
export const templateOf = async (ec2: Client, group: Group): Promise<Template> => {
  const { LaunchTemplateId = '', Version = '' } = specificationOf(group);
  const found = await versionsOf(ec2, { LaunchTemplateId }, [Version, '$Default']);
  const newest = found.sort((a, b) => (b.VersionNumber ?? 0) - (a.VersionNumber ?? 0))[0];
  if (newest === undefined)
    throw new Rejected(
      `launch template ${LaunchTemplateId} has no version ${Version}, from which ${group.AutoScalingGroupName} launches`,
    );
  const others = group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const { types, ...template } = checked(newest, newest.LaunchTemplateName ?? LaunchTemplateId);
  const overriding = others.flatMap(({ InstanceType }) => (InstanceType === undefined ? [] : [InstanceType]));
  // A release's own version names the AMI that was pinned for it: the next one follows the alias in the template's default version.
  const original = isRelease(newest) ? found.find((one) => one.DefaultVersion === true) : newest;
  const pinned = original === undefined ? {} : await pinnedImage(ec2, original);
  // One that asks for attributes leaves the type to EC2.
  const anyType = others.some(({ InstanceRequirements }) => InstanceRequirements !== undefined);
  return { ...template, types: anyType ? [] : overriding.length > 0 ? overriding : types, ...pinned };
};

/**
 * Throws Disbelieved for a template that is not the configured one, or an AMI that neither its alias stands for nor an instance of the
 * release runs.
 */
export const expectConfigured = async (
  ec2: Client,
  { id, version, image }: Template,
  configured: string,
  running: readonly Instance[],
): Promise<void> => {
  const [found] = await versionsOf(ec2, { LaunchTemplateId: id }, [version]).catch((error) => {
    if (error instanceof Rejected) return [];
    throw error;
  });
  if (found === undefined || (id !== configured && found.LaunchTemplateName !== configured))
    throw new Disbelieved(`its launch template is ${id}, version ${version}, and ${configured} is configured`);
  const own = found.LaunchTemplateData?.ImageId;
  if (image === undefined || image === own || running.some(({ ImageId }) => ImageId === image)) return;
  if ((await pinnedImage(ec2, found)).image !== image)
    throw new Disbelieved(`its AMI is ${image}, and launch template ${configured} does not launch that`);
};

/** Throws Rejected for tags with which EC2 refuses a launch whose tags are to be read from instance metadata. */
const checked = (found: LaunchTemplateVersion, name: string): Template => {
  const { LaunchTemplateId: id = '', VersionNumber: version, LaunchTemplateData: data = {} } = found;
  const keys = (data.TagSpecifications ?? [])
    .filter(({ ResourceType }) => ResourceType === 'instance')
    .flatMap(({ Tags = [] }) => Tags.map(({ Key = '' }) => Key));
  const unfit = keys.filter(isUnfitKey);
  if (unfit.length > 0)
    throw new Rejected({
      problem: `launch template ${name} version ${version} tags its instances with ${unfit.map((key) => `"${key}"`).join(', ')}`,
      remedy: unfitKeys,
    });
  return { id, version: String(version), types: data.InstanceType === undefined ? [] : [data.InstanceType] };
};

export const isUnfitKey = (key: string): boolean => /[/\s]/.test(key);
export const unfitKeys =
  'a key with a slash or a space cannot be read from instance metadata, and EC2 refuses the launch; rename it';
