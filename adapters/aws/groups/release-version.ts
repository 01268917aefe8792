/** Makes a release's launch template version once: the pinned version with the release's image and tags. */
import { createHash } from 'node:crypto';
import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplateVersionsCommand,
  type LaunchTemplateBlockDeviceMapping,
  type LaunchTemplateBlockDeviceMappingRequest,
  type LaunchTemplateVersion,
  type RequestLaunchTemplateData,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { Rejected } from '../../../core/basics/errors.ts';
import type { Slot } from '../../../core/basics/slot.ts';
import type { Template } from '../../../core/plan/plan.ts';
import type { FleetRelease, LaunchProof } from '../../../pipeline/ports/fleet.ts';
import { send } from '../aws-errors.ts';
import type { Client } from '../client.ts';
import { rolloutOf, tagsOf } from '../instances/instances.ts';
import { imageIn } from '../instances/launch.ts';
import { expectConfigured } from '../instances/launch-template.ts';

/** Versions cannot be tagged; their description is where a release leaves its name. */
const described = (release: FleetRelease): string => `cutover: ${rolloutOf(release)}`;
const releaseIn = /^cutover: .+-([^-]+)-\d+$/;

export interface ReleaseVersions {
  /** The version to launch the release from, as a number. */
  of(
    release: FleetRelease,
    slot: Slot,
    current: LaunchTemplateSpecification,
    /** Asked before anything else than what the group launches from already is taken. */
    proof?: LaunchProof,
  ): Promise<Pick<Template, 'id' | 'version'>>;
  /** The release that a version was made for; null: none of ours. */
  releaseOf(id: string, version: string): Promise<string | null>;
}

export const releaseVersions = (ec2: Client): ReleaseVersions => {
  // A version never changes, so what it says is read once.
  const known = new Map<string, LaunchTemplateVersion>();

  const read = async (id: string, version: string): Promise<LaunchTemplateVersion | undefined> => {
    const key = `${id} ${version}`;
    if (!known.has(key)) {
      const { LaunchTemplateVersions: [found] = [] } = await send(
        ec2,
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
      );
      if (found !== undefined && /^\d+$/.test(version)) known.set(key, found);
      return found;
    }
    return known.get(key);
  };

  const make = async (release: FleetRelease, slot: Slot, base: Pick<Template, 'id' | 'version'>) => {
    const source = await read(base.id, base.version);
    if (source === undefined)
      throw new Rejected(
        `launch template ${base.id} has no version ${base.version} any more, from which ${release.release} is to be launched`,
      );
    const VersionDescription = described(release);
    const { LaunchTemplateVersion: made, Warning } = await send(
      ec2,
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: base.id,
        SourceVersion: base.version,
        VersionDescription,
        LaunchTemplateData: dataOf(release, slot, source.LaunchTemplateData ?? {}),
        ClientToken: createHash('sha256')
          .update([VersionDescription, slot, base.id, base.version].join('\n'))
          .digest('hex'),
      }),
    );
    // A version with invalid parameters is made all the same, and fails at each launch.
    const [wrong] = Warning?.Errors ?? [];
    if (wrong !== undefined)
      throw new Rejected(
        `a version of launch template ${base.id} for ${release.release} would not launch: ${wrong.Message ?? wrong.Code}`,
      );
    return { id: base.id, version: String(made?.VersionNumber) };
  };

  const releaseOf = async (id: string, version: string): Promise<string | null> =>
    releaseIn.exec((await read(id, version))?.VersionDescription ?? '')?.[1] ?? null;

  return {
    releaseOf,
    of: async (release, slot, current, proof) => {
      const { LaunchTemplateId: id = '', Version: version = '' } = current;
      const { template } = release;
      const prove = async (): Promise<void> => {
        if ((await proof?.()) === 'image' && template !== null) await expectConfigured(ec2, template, id, []);
      };
      // An adopted fleet's own version is its release.
      if (release.attempt === 0) {
        if (template === null || (template.id === id && template.version === version)) return { id, version };
        await prove();
        return template;
      }
      if (/^\d+$/.test(version) && (await read(id, version))?.VersionDescription === described(release))
        return { id, version };
      await prove();
      return make(release, slot, template ?? { id, version });
    },
  };
};

/** What differs from the source version, from which all else is inherited. A list that is given replaces the inherited one, so it is given whole. */
const dataOf = (release: FleetRelease, slot: Slot, source: ResponseLaunchTemplateData): RequestLaunchTemplateData => {
  const ours = tagsOf(release, slot);
  const keys = new Set(ours.map(({ Key }) => Key));
  const specifications = source.TagSpecifications ?? [];
  const theirs = specifications.find(({ ResourceType }) => ResourceType === 'instance')?.Tags ?? [];
  const { State: _, ...metadata } = source.MetadataOptions ?? {};
  const disks = source.BlockDeviceMappings ?? [];
  return {
    ...imageIn(release.image.ami ?? release.template?.image),
    TagSpecifications: [
      ...specifications.filter(({ ResourceType }) => ResourceType !== 'instance'),
      { ResourceType: 'instance', Tags: [...theirs.filter(({ Key = '' }) => !keys.has(Key)), ...ours] },
    ],
    MetadataOptions: { ...metadata, HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    // Snapshots are not inherited: without them the disk would come up empty.
    ...(disks.some(({ Ebs }) => Ebs?.SnapshotId !== undefined) && { BlockDeviceMappings: disks.map(asRequested) }),
  };
};

const asRequested = (disk: LaunchTemplateBlockDeviceMapping): LaunchTemplateBlockDeviceMappingRequest => disk;
