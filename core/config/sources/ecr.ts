/** Images pushed to an ECR repository under a tag that matches the configured patterns. */
import * as z from 'zod';
import { globMatches } from '../../basics/glob.ts';
import { notKnownBefore } from '../permissions.ts';
import { exactly, list as listOf, part, text as textOf } from '../reader.ts';
import { key, list, strict, text } from '../values.ts';
import { nameIn, reading } from './event-detail.ts';
import { commaSeparated, glob } from './glob.ts';
import { sourceModule } from './source.ts';

export interface EcrSource {
  kind: 'ecr';
  repository: string;
  /** Glob patterns. */
  tags: string[];
}
export interface WrittenEcr {
  kind: 'ecr';
  repository: string;
  tags?: string[];
}

/** Images pushed to an ECR repository with a tag that matches one of the globs; any tag unless you say otherwise. */
export const ecr = (repository: string, options: { tags?: string[] } = {}): WrittenEcr => ({
  kind: 'ecr',
  repository,
  ...options,
});

const schema = () =>
  strict('an image source', {
    kind: z.literal('ecr'),
    repository: key(
      text(
        'the name of an ECR repository like "acme/checkout", without its registry',
        /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/,
      ),
      'The ECR repository whose pushes are rolled out.',
      "'acme/shop'",
    ),
    tags: key(
      list('a list of at least one tag pattern like "release-*"', glob('a tag pattern like "release-*"'), 1).default([
        '*',
      ]),
      'Patterns for tags, of which one has to match. `*` stands for any text.',
      "['release-*']",
    ),
  });

/** `tag`: null for an image pushed by digest, for example one platform's part of a multi-platform image. */
export interface Push {
  kind: 'ecr';
  repository: string;
  digest: string;
  tag: string | null;
}

const pushed = () =>
  z.object({
    'action-type': z.string(),
    result: z.string(),
    'repository-name': z.string(),
    'image-digest': z.string().regex(/^sha256:[0-9a-f]{64}$/),
    // Each event has one tag.
    'image-tag': z.string().nullish(),
  });

export const ecrSource = sourceModule<EcrSource, WrittenEcr, Push>({
  kind: 'ecr',
  schema,
  persisted: part<EcrSource>({ kind: exactly('ecr'), repository: textOf, tags: listOf(textOf) }),
  events: reading('ECR Image Action', pushed, (detail) => {
    const { 'action-type': action, result, 'repository-name': repository, 'image-digest': digest } = detail;
    return action === 'PUSH' && result === 'SUCCESS'
      ? { kind: 'ecr', repository: nameIn(repository), digest, tag: detail['image-tag'] || null }
      : `it is a ${action} with the result ${result}, not a successful PUSH`;
  }),
  // By digest and not by tag: the tag may have moved to another image by now.
  matches: ({ repository, tags }, { repository: into, digest, tag }) =>
    into === repository && tag !== null && tags.some((pattern) => globMatches(pattern, tag))
      ? { what: digest, sure: true }
      : null,
  announcedText: ({ repository, tag }) => `${repository}${tag === null ? ' without a tag' : `:${tag}`}`,
  text: ({ repository, tags }) => `the repository ${repository} (tags ${tags.join(', ')})`,
  mayBeAmi: false,
  option: {
    like: 'acme/shop#release-*',
    read: (what) => {
      const [repository = '', tags] = what.split('#');
      return { kind: 'ecr', repository, tags: tags === undefined ? ['*'] : commaSeparated(tags) };
    },
  },
  written: ({ repository, tags = ['*'] }, quoted) =>
    `${quoted(repository)}, { tags: [${tags.map(quoted).join(', ')}] }`,
  looksUp: { 'ecr:DescribeImages': { on: ['ecr:{region}:{account}:repository/*'], wide: notKnownBefore } },
});
