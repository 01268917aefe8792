/** Deletes the launch template versions of old releases: a template has room for 10,000, and each release of a group adds one. */
import {
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplateVersionsCommand,
  type LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import type { FleetRelease } from '../../../pipeline/ports/fleet.ts';
import { send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';
import { everyGroup, type Group, specificationOf } from './auto-scaling.ts';

/** The newest of a service are kept: what is live, what is on its way, and the releases that people go back to. */
const kept = 10;

/** Versions in one call. */
const most = 200;

const everyVersion = (ec2: Client, LaunchTemplateId: string): Promise<LaunchTemplateVersion[]> =>
  everyPage(async (NextToken) => {
    const page = await send(ec2, new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, NextToken }));
    return { items: page.LaunchTemplateVersions, next: page.NextToken };
  });

/** Its description proves that a version was made here, and for which service: versions cannot be tagged. */
const isOf = (service: string, { VersionDescription = '' }: LaunchTemplateVersion): boolean => {
  const prefix = `cutover: ${service}-`;
  return VersionDescription.startsWith(prefix) && /^[^-]+-\d+$/.test(VersionDescription.slice(prefix.length));
};

/** Versions of the template that a group launches from, in any part of its settings. */
const usedBy = ({ LaunchTemplate, MixedInstancesPolicy, Instances }: Group, id: string): string[] => {
  const { LaunchTemplateSpecification, Overrides = [] } = MixedInstancesPolicy?.LaunchTemplate ?? {};
  return [
    LaunchTemplate,
    LaunchTemplateSpecification,
    ...Overrides.map((override) => override.LaunchTemplateSpecification),
    ...Instances.map((member) => member.LaunchTemplate),
  ].flatMap((found) => (found?.LaunchTemplateId === id && found.Version !== undefined ? [found.Version] : []));
};

/** Answers how many are gone. */
export const deleteOldVersions = async (
  { ec2, autoscaling }: { ec2: Client; autoscaling: Client },
  { service, template }: FleetRelease,
  groups: Group[],
): Promise<number> => {
  let deleted = 0;
  for (const id of new Set(groups.map((group) => specificationOf(group).LaunchTemplateId ?? ''))) {
    const ours = (await everyVersion(ec2, id))
      .filter((version) => isOf(service, version))
      .toSorted((a, b) => (b.VersionNumber ?? 0) - (a.VersionNumber ?? 0));
    const old = ours.slice(kept).filter(({ DefaultVersion }) => DefaultVersion !== true);
    if (old.length === 0) continue;
    // Any group of the account may launch from it.
    const used = new Set((await everyGroup(autoscaling)).flatMap((group) => usedBy(group, id)));
    if (template?.id === id) used.add(template.version);
    const Versions = old.map(({ VersionNumber }) => String(VersionNumber)).filter((version) => !used.has(version));
    if (Versions.length === 0) continue;
    const answer = await send(
      ec2,
      new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: Versions.slice(-most) }),
    );
    deleted += answer.SuccessfullyDeletedLaunchTemplateVersions?.length ?? 0;
  }
  return deleted;
};
