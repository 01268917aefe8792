/** The schema of `image`: where a service's images come from. */
import * as z from 'zod';
import { arn, key, list, strict, text } from './values.ts';

/** ECR's tags and AMIs' names hold no blanks at the ends and are never empty; neither are patterns for them. */
const glob = (expected: string) => text(expected, /^\S(.*\S)?$/);

export const image = z.discriminatedUnion(
  'kind',
  [
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
    }),
    strict('an image source', {
      kind: z.literal('ami'),
      name: key(
        glob('an AMI name or a pattern for it like "checkout-*"'),
        'A pattern for the names of the AMIs that are rolled out. `*` stands for any text.',
        "'shop-*'",
      ),
      owner: key(
        text(
          'an account number, "self", "amazon" or "aws-marketplace"',
          /^(\d{12}|self|amazon|aws-marketplace)$/,
        ).default('self'),
        'Who owns the AMIs. `self` is the account of the pipeline.',
        "'111122223333'",
      ),
    }),
    strict('an image source', {
      kind: z.literal('imageBuilder'),
      arn: key(
        text(
          'the ARN of an Image Builder image like "arn:aws:imagebuilder:eu-west-1:123456789012:image/checkout"',
          arn('imagebuilder', 'image/[a-z0-9-]+(/\\d+\\.\\d+\\.\\d+)?'),
        ),
        'The Image Builder image whose builds are rolled out: all its versions, or the one at the end of the ARN.',
        "'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop'",
      ),
    }),
    strict('an image source', {
      kind: z.literal('parameter'),
      name: key(
        text('the name of a Systems Manager parameter like "/checkout/ami"', /^(\/[\w.-]+)+$|^[\w.-]+$/),
        'The Systems Manager parameter that holds the id of the AMI. Each new value is rolled out.',
        "'/shop/ami'",
      ),
    }),
  ],
  { error: 'an image source: ecr(…), ami(…), imageBuilder(…) or parameter(…)' },
);
