/** EC2 Image Builder: images by version and build; an image's ARN ends in `/<version>/<build>`. */
import type * as imagebuilder from '@aws-sdk/client-imagebuilder';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import type { Build } from './resources.ts';
import { account, region, type World } from './world.ts';

/** arn:…:image/<name>/<version>/<build>, taken apart. */
const parts = (arn: string) => {
  const [, name = '', version = ''] = arn.split('/');
  return { name, version, versionArn: arn.slice(0, arn.lastIndexOf('/')) };
};

const view = ({ arn, ami, status, madeAt }: Build) => ({
  arn,
  name: parts(arn).name,
  version: parts(arn).version,
  type: 'AMI' as const,
  state: { status },
  dateCreated: new Date(madeAt).toISOString(),
  outputResources: status === 'AVAILABLE' ? { amis: [{ region, image: ami, accountId: account }] } : {},
});

export const imagebuilderHandlers = (world: World) => {
  const builds = (): Build[] => [...world.builds.values()];
  return {
    GetImage: (input: imagebuilder.GetImageCommandInput): Answer<imagebuilder.GetImageCommandOutput> => {
      only('imagebuilder GetImage', input, ['imageBuildVersionArn']);
      const build = world.builds.get(input.imageBuildVersionArn ?? '');
      if (build === undefined)
        throw awsError(
          'ResourceNotFoundException',
          `The resource with ARN '${input.imageBuildVersionArn}' does not exist.`,
        );
      return { image: view(build) };
    },

    ListImages: (input: imagebuilder.ListImagesCommandInput): Answer<imagebuilder.ListImagesCommandOutput> => {
      only('imagebuilder ListImages', input, ['owner', 'filters', 'maxResults', 'nextToken']);
      const names = input.filters?.map((filter) => {
        if (filter.name !== 'name')
          throw new Error(`local cloud: imagebuilder ListImages with filter ${filter.name} is not simulated`);
        return filter.values ?? [];
      });
      const versions = new Map(builds().map((build) => [parts(build.arn).versionArn, build]));
      const found = [...versions]
        .map(([arn, { madeAt }]) => ({
          arn,
          ...parts(`${arn}/1`),
          owner: account,
          dateCreated: new Date(madeAt).toISOString(),
        }))
        .filter(({ name }) => names?.every((values) => values.includes(name)) ?? true);
      const { items, next } = page(found, input.maxResults ?? 25, input.nextToken);
      return { imageVersionList: items.map(({ versionArn: _, ...version }) => version), nextToken: next };
    },

    ListImageBuildVersions: (
      input: imagebuilder.ListImageBuildVersionsCommandInput,
    ): Answer<imagebuilder.ListImageBuildVersionsCommandOutput> => {
      only('imagebuilder ListImageBuildVersions', input, ['imageVersionArn', 'maxResults', 'nextToken']);
      const found = builds().filter(({ arn }) => parts(arn).versionArn === input.imageVersionArn);
      const { items, next } = page(found, input.maxResults ?? 25, input.nextToken);
      return { imageSummaryList: items.map(view), nextToken: next };
    },
  } satisfies Handlers;
};
