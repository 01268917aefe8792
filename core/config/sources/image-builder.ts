/** AMIs that EC2 Image Builder builds of one image. */
import * as z from 'zod';
import { inTheRegion, notKnownBefore } from '../permissions.ts';
import { exactly, part, text as textOf } from '../reader.ts';
import { arn, key, strict, text } from '../values.ts';
import { reading } from './event-detail.ts';
import { sourceModule } from './source.ts';

export interface ImageBuilderSource {
  kind: 'imageBuilder';
  arn: string;
}

/** The AMIs that an Image Builder image (`arn:…:image/name`, or one version of it) builds. */
export const imageBuilder = (arn: string): ImageBuilderSource => ({ kind: 'imageBuilder', arn });

const schema = () =>
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
  });

const changed = () => z.object({ state: z.object({ status: z.string() }) });

/** The image may belong to another account. */
const anyImage = { on: ['imagebuilder:{region}:*:image/*'], wide: notKnownBefore };

export const imageBuilderSource = sourceModule<ImageBuilderSource, ImageBuilderSource, ImageBuilderSource>({
  kind: 'imageBuilder',
  schema,
  persisted: part<ImageBuilderSource>({ kind: exactly('imageBuilder'), arn: textOf }),
  events: reading('EC2 Image Builder Image State Change', changed, ({ state: { status } }, [built]) => {
    if (status !== 'AVAILABLE') return `the build is ${status}, not AVAILABLE`;
    return built === undefined ? 'it names no image' : { kind: 'imageBuilder', arn: built };
  }),
  // A build's ARN is the configured ARN, followed by a version and a build number.
  matches: (source, { arn: built }) =>
    built === source.arn || built.startsWith(`${source.arn}/`) ? { what: built, sure: true } : null,
  announcedText: (built) => built.arn,
  text: (source) => `Image Builder's ${source.arn}`,
  mayBeAmi: true,
  option: { like: '<ARN>', read: (what) => ({ kind: 'imageBuilder', arn: what }) },
  written: (source, quoted) => quoted(source.arn),
  looksUp: {
    'imagebuilder:GetImage': anyImage,
    'imagebuilder:ListImageBuildVersions': anyImage,
    'imagebuilder:ListImages': { on: ['*'], wide: inTheRegion },
  },
});
