/** ECR: the images of a repository by digest or tag, unordered. */
import type * as ecr from '@aws-sdk/client-ecr';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import type { RepositoryImage } from './resources.ts';
import { account, region, type World } from './world.ts';

/** What an instance's tag says that runs an image. */
export const referenceOf = (repository: string, digest: string): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${digest}`;

const view = (repositoryName: string, { digest, tags, pushedAt, artifact }: RepositoryImage): ecr.ImageDetail => ({
  registryId: account,
  repositoryName,
  imageDigest: digest,
  // An image without a tag has no such field at all.
  ...(tags.length > 0 ? { imageTags: tags } : {}),
  imagePushedAt: new Date(pushedAt),
  artifactMediaType: artifact,
});

export const ecrHandlers = (world: World) =>
  ({
    DescribeImages: (input: ecr.DescribeImagesCommandInput): Answer<ecr.DescribeImagesCommandOutput> => {
      only('ecr DescribeImages', input, [
        'registryId',
        'repositoryName',
        'imageIds',
        'filter',
        'maxResults',
        'nextToken',
      ]);
      only('ecr DescribeImages filter', input.filter ?? {}, ['tagStatus']);
      const name = input.repositoryName ?? '';
      const images = world.repositories.get(name);
      if (images === undefined) {
        throw awsError(
          'RepositoryNotFoundException',
          `The repository with name '${name}' does not exist in the registry with id '${account}'`,
        );
      }
      if (input.imageIds !== undefined) {
        if (input.maxResults !== undefined)
          throw awsError('InvalidParameterException', 'maxResults cannot be used with imageIds');
        const found = input.imageIds.map(({ imageDigest, imageTag }) => {
          const image = images.find(
            ({ digest, tags }) =>
              (imageDigest ?? digest) === digest && (imageTag === undefined || tags.includes(imageTag)),
          );
          if (image !== undefined) return image;
          throw awsError(
            'ImageNotFoundException',
            `The image with imageId {imageDigest:'${imageDigest}', imageTag:'${imageTag}'} does not exist within the repository with name '${name}'`,
          );
        });
        return { imageDetails: found.map((image) => view(name, image)) };
      }
      const status = input.filter?.tagStatus ?? 'ANY';
      const kept = images.filter(({ tags }) => status === 'ANY' || (status === 'TAGGED') === tags.length > 0);
      const { items, next } = page(kept, input.maxResults ?? 100, input.nextToken);
      return { imageDetails: items.map((image) => view(name, image)), nextToken: next };
    },
  }) satisfies Handlers;
