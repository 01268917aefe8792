/** Looks up the AMIs that EC2 Image Builder has built in this region for one image. */
import {
  GetImageCommand,
  type Image,
  type ImageSummary,
  ListImageBuildVersionsCommand,
  ListImagesCommand,
} from '@aws-sdk/client-imagebuilder';
import { arnParts } from '../../../core/basics/arn.ts';
import type { Found } from '../../../pipeline/ports/images.ts';
import { codeOf, send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';
import { newestOf, type Source } from './source.ts';

/** Null for a build that is under way, failed, or made a container instead. */
const foundOf = ({
  arn = '',
  name,
  version,
  state,
  dateCreated = '',
  outputResources,
}: Image | ImageSummary): Found | null => {
  const { region } = arnParts(arn);
  const ami = outputResources?.amis?.find((made) => made.region === undefined || made.region === region)?.image;
  if (ami === undefined || state?.status !== 'AVAILABLE') return null;
  const build = arn.slice(arn.lastIndexOf('/') + 1);
  return { image: { reference: ami, ami, label: `${name} ${version}/${build}` }, order: Date.parse(dateCreated) || 0 };
};

/** `image/<name>`, or `image/<name>/<version>` and then only that version. */
const isWithin = (arn: string, of: string): boolean => arn === of || arn.startsWith(`${of}/`);

export const imageBuilderSource = ({ imagebuilder }: { imagebuilder: Client }): Source<'imageBuilder'> => {
  const builds = async (arn: string): Promise<Found[]> => {
    const [, name = ''] = arn.split('/');
    const versions = await everyPage(async (nextToken) => {
      const page = await send(
        imagebuilder,
        new ListImagesCommand({ filters: [{ name: 'name', values: [name] }], nextToken }),
      );
      return { items: page.imageVersionList, next: page.nextToken };
    });
    const found: Found[] = [];
    for (const version of versions) {
      if (version.arn === undefined || !isWithin(version.arn, arn)) continue;
      const made = await everyPage(async (nextToken) => {
        const page = await send(
          imagebuilder,
          new ListImageBuildVersionsCommand({ imageVersionArn: version.arn, nextToken }),
        );
        return { items: page.imageSummaryList, next: page.nextToken };
      });
      found.push(...made.map(foundOf).filter((one) => one !== null));
    }
    return found;
  };

  const build = async (imageBuildVersionArn: string): Promise<Found | null> => {
    try {
      const { image } = await send(imagebuilder, new GetImageCommand({ imageBuildVersionArn }));
      return image === undefined ? null : foundOf(image);
    } catch (error) {
      if (codeOf(error) === 'ResourceNotFoundException') return null;
      throw error;
    }
  };

  return {
    newest: async ({ arn }) => newestOf(await builds(arn)),
    find: async ({ arn }, what) => {
      if (what.startsWith('arn:')) return isWithin(what, arn) ? build(what) : null;
      return (await builds(arn)).find(({ image }) => image.ami === what || image.label === what) ?? null;
    },
  };
};
