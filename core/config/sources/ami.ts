/** AMIs by name and owner. */
import * as z from 'zod';
import { inTheRegion } from '../permissions.ts';
import { exactly, part, text as textOf } from '../reader.ts';
import { key, strict, text } from '../values.ts';
import { reading } from './event-detail.ts';
import { glob } from './glob.ts';
import { sourceModule } from './source.ts';

export interface AmiSource {
  kind: 'ami';
  /** A glob pattern. */
  name: string;
  /** An account id or `self`, `amazon`, `aws-marketplace`. */
  owner: string;
}
export interface WrittenAmi {
  kind: 'ami';
  name: string;
  owner?: string;
}

/** AMIs whose name matches the glob; owned by this account unless you say otherwise. */
export const ami = (options: { name: string; owner?: string }): WrittenAmi => ({ kind: 'ami', ...options });

const schema = () =>
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
  });

export interface Available {
  kind: 'ami';
  id: string;
}

const changed = () => z.object({ ImageId: z.string().regex(/^ami-[0-9a-f]+$/), State: z.string() });

export const amiSource = sourceModule<AmiSource, WrittenAmi, Available>({
  kind: 'ami',
  schema,
  persisted: part<AmiSource>({ kind: exactly('ami'), name: textOf, owner: textOf }),
  events: reading('EC2 AMI State Change', changed, ({ ImageId: id, State: state }) =>
    state === 'available' ? { kind: 'ami', id } : `${id} is ${state}, not available`,
  ),
  // The event has neither name nor owner, and also comes for copied and re-enabled old images.
  matches: (_, { id }) => ({ what: id, sure: false }),
  announcedText: ({ id }) => id,
  text: ({ name, owner }) => `the AMIs named ${name} (owner ${owner})`,
  mayBeAmi: true,
  option: { like: 'shop-*', read: (name) => ({ kind: 'ami', name }) },
  written: ({ name }, quoted) => `{ name: ${quoted(name)} }`,
  looksUp: { 'ec2:DescribeImages': { on: ['*'], wide: inTheRegion } },
});
