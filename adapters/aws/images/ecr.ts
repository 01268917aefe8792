/** Looks up images in an ECR repository. The newest is the one pushed last among the matching tags; an image is identified by its digest. */
import { DescribeImagesCommand, type ImageDetail, type ImageIdentifier } from '@aws-sdk/client-ecr';
import { globMatches } from '../../../core/basics/glob.ts';
import { registryHost } from '../../../core/release/ecr-reference.ts';
import type { Found } from '../../../pipeline/ports/images.ts';
import { codeOf, send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';
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

const foundOf = (detail: ImageDetail, region: string, label: string | undefined): Found | null => {
  const { registryId, repositoryName, imageDigest = '', imageTags = [], imagePushedAt } = detail;
  if (!isImage(detail)) return null;
  return {
    image: {
      reference: `${registryHost(registryId ?? '', region)}/${repositoryName}@${imageDigest}`,
      label: label ?? imageTags[0] ?? imageDigest.slice(0, 'sha256:'.length + 12),
    },
    order: imagePushedAt?.getTime() ?? 0,
  };
};

/** One image by tag, digest, or anything that ends in `@` and its digest; `onlyTaken`: null unless it bears a tag that the patterns take. */
export const ecrImage = async (
  ecr: Client,
  { repository, account, region }: { repository: string; region: string; account?: string | undefined },
  what: string,
  tags: string[] = [],
  onlyTaken = false,
): Promise<Found | null> => {
  const digest = /sha256:[0-9a-f]{64}$/.exec(what)?.[0];
  const imageId: ImageIdentifier = digest === undefined ? { imageTag: what } : { imageDigest: digest };
  try {
    const { imageDetails: [detail] = [] } = await send(
      ecr,
      new DescribeImagesCommand({ repositoryName: repository, registryId: account, imageIds: [imageId] }),
    );
    const taken = detail?.imageTags?.find((tag) => matchesAny(tags, tag));
    if (detail === undefined || (onlyTaken && taken === undefined)) return null;
    return foundOf(detail, region, digest === undefined ? what : taken);
  } catch (error) {
    if (codeOf(error) === 'ImageNotFoundException') return null;
    throw error;
  }
};

const matchesAny = (patterns: string[], tag: string): boolean => patterns.some((pattern) => globMatches(pattern, tag));

export const ecrSource = ({ ecr }: { ecr: Client }): Source<'ecr'> => ({
  newest: async ({ repository, tags }, { region }) => {
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
  find: ({ repository, tags }, what, { region }) => ecrImage(ecr, { repository, region }, what, tags),

  // The event's tag is a hint: the image has to bear one that the patterns take, by what the registry says now.
  announced: ({ repository, tags }, what, { region }) => ecrImage(ecr, { repository, region }, what, tags, true),
});
