/** The launch template that a plan pins, looked at before anything is launched from it. */
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import { Rejected } from '../core/errors.ts';
import type { Template } from '../core/plan.ts';
import type { Client } from './client.ts';
import { send } from './failure.ts';

/**
 * A configured launch template, by id or name, with its default version as a number: `$Default` may mean something else tomorrow.
 * Throws Rejected when it does not exist or cannot be launched from.
 */
export const resolveTemplate = async (ec2: Client, name: string): Promise<Template> => {
  const named = name.startsWith('lt-') ? { LaunchTemplateId: name } : { LaunchTemplateName: name };
  const { LaunchTemplateVersions = [] } = await send(
    ec2,
    new DescribeLaunchTemplateVersionsCommand({ ...named, Versions: ['$Default'] }),
  );
  const [found] = LaunchTemplateVersions;
  if (found?.LaunchTemplateId === undefined || found.VersionNumber === undefined)
    throw new Rejected(`launch template ${name} has no default version; set one, or correct fleet.launchTemplate`);
  const { TagSpecifications = [], NetworkInterfaces = [] } = found.LaunchTemplateData ?? {};
  const keys = TagSpecifications.filter(({ ResourceType }) => ResourceType === 'instance').flatMap(({ Tags = [] }) =>
    Tags.map(({ Key = '' }) => Key),
  );
  const unfit = keys.filter((key) => /[/ ]/.test(key));
  if (unfit.length > 0)
    throw new Rejected(
      `launch template ${name} version ${found.VersionNumber} tags its instances with ${unfit.map((key) => `"${key}"`).join(', ')}: ` +
        'a key with a slash or a space cannot be read from instance metadata, and EC2 refuses the launch; rename it',
    );
  if (NetworkInterfaces.length > 0)
    throw new Rejected(
      `launch template ${name} version ${found.VersionNumber} has network interfaces, but the subnet is chosen per instance; ` +
        'give it security groups instead',
    );
  return { id: found.LaunchTemplateId, version: String(found.VersionNumber) };
};
