/** Images in an ECR repository: newest by push time among the tags that a configuration's patterns take; known by digest. */
import { DescribeImagesCommand, type ImageDetail, type ImageIdentifier } from '@aws-sdk/client-ecr';
import { globMatches } from '../../../core/basics/glob.ts';
import type { Found } from '../../../pipeline/ports/images.ts';
import { type Client, everyPage } from '../client.ts';
import { codeOf, send } from '../failure.ts';
import { newestOf, type Source } from './source.ts';

/** What a repository holds besides images says so here: Helm charts, signatures, bills of material. An index has no such field. */
const imageTypes = ['application/vnd.docker.container.image.v1+json', 'application/vnd.oci.image.config.v1+json'];
/** Signatures and attestations that pass for images: attached to one by the name of their tag. */
const attachedTag = /^sha256-[0-9a-f]{64}(\.\w+)?$/;

const isImage = ({
  artifactMediaType,
  subjectManifestDigest,
  imageStatus = 'ACTIVE',
  imageTags = [],
}: ImageDetail): boolean =>
  (artifactMediaType === undefined || imageTypes.includes(artifactMediaType)) &&
  subjectManifestDigest === undefined &&
  imageStatus === 'ACTIVE' &&
  !imageTags.some((tag) => attachedTag.test(tag));

const registryOf = (account: string, region: string): string =>
  `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

const foundOf = (detail: ImageDetail, region: string, label: string | undefined): Found | null => {
  const { registryId, repositoryName, imageDigest = '', imageTags = [], imagePushedAt } = detail;
  if (!isImage(detail)) return null;
  return {
    image: {
      reference: `${registryOf(registryId ?? '', region)}/${repositoryName}@${imageDigest}`,
      label: label ?? imageTags[0] ?? imageDigest.slice(0, 'sha256:'.length + 12),
    },
    order: imagePushedAt?.getTime() ?? 0,
  };
};

/** One image by tag, digest, or anything that ends in `@` and its digest. */
export const ecrImage = async (
  ecr: Client,
  { repository, account, region }: { repository: string; region: string; account?: string | undefined },
  what: string,
  tags: string[] = [],
): Promise<Found | null> => {
  const digest = /sha256:[0-9a-f]{64}$/.exec(what)?.[0];
  const imageId: ImageIdentifier = digest === undefined ? { imageTag: what } : { imageDigest: digest };
  try {
    const { imageDetails: [detail] = [] } = await send(
      ecr,
      new DescribeImagesCommand({ repositoryName: repository, registryId: account, imageIds: [imageId] }),
    );
    const label = digest === undefined ? what : detail?.imageTags?.find((tag) => matchesAny(tags, tag));
    return detail === undefined ? null : foundOf(detail, region, label);
  } catch (error) {
    if (codeOf(error) === 'ImageNotFoundException') return null;
    throw error;
  }
};

const matchesAny = (patterns: string[], tag: string): boolean => patterns.some((pattern) => globMatches(pattern, tag));

export const ecrSource = ({ ecr }: { ecr: Client }): Source<'ecr'> => ({
  newest: async ({ repository, tags }, region) => {
    const details = await everyPage(async (nextToken) => {
      const page = await send(
        ecr,
        new DescribeImagesCommand({
          repositoryName: repository,
          filter: { tagStatus: 'TAGGED' },
          maxResults: 1000,
          nextToken,
        }),
      );
      return { items: page.imageDetails, next: page.nextToken };
    });
    return newestOf(
      details.flatMap((detail) => {
        const label = detail.imageTags?.find((tag) => matchesAny(tags, tag));
        const found = label === undefined ? null : foundOf(detail, region, label);
        return found === null ? [] : [found];
      }),
    );
  },

  // A tag or digest that somebody names need not match the patterns: those say what is rolled out without being named.
  find: ({ repository, tags }, what, region) => ecrImage(ecr, { repository, region }, what, tags),
});
