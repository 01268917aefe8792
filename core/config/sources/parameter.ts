/** The image that a Systems Manager parameter names. */
import * as z from 'zod';
import { inTheRegion, notKnownBefore } from '../permissions.ts';
import { exactly, part, text as textOf } from '../reader.ts';
import { key, strict, text } from '../values.ts';
import { nameIn, reading } from './event-detail.ts';
import { sourceModule } from './source.ts';

export interface ParameterSource {
  kind: 'parameter';
  name: string;
}

/** The AMI id, or the ECR image with its digest, in a Systems Manager parameter. */
export const parameter = (name: string): ParameterSource => ({ kind: 'parameter', name });

const schema = () =>
  strict('an image source', {
    kind: z.literal('parameter'),
    name: key(
      text('the name of a Systems Manager parameter like "/checkout/ami"', /^(\/[\w.-]+)+$|^[\w.-]+$/),
      'The Systems Manager parameter that holds the id of an AMI, or an image in ECR with its digest (`<registry>/<repository>@sha256:…`, with or without a tag before it). Each new value is rolled out.',
      "'/shop/ami'",
    ),
  });

const changed = () => z.object({ operation: z.string(), name: z.string() });
const withoutSlash = (name: string): string => name.replace(/^\//, '');

export const parameterSource = sourceModule<ParameterSource, ParameterSource, ParameterSource>({
  kind: 'parameter',
  schema,
  persisted: part<ParameterSource>({ kind: exactly('parameter'), name: textOf }),
  events: reading('Parameter Store Change', changed, ({ operation, name }) =>
    operation === 'Create' || operation === 'Update'
      ? { kind: 'parameter', name: nameIn(name) }
      : `${name} had a ${operation}, not a Create or Update`,
  ),
  // The event has neither the value nor its version, so the newest value is read.
  matches: ({ name }, { name: written }) =>
    withoutSlash(written) === withoutSlash(name) ? { what: name, sure: true } : null,
  announcedText: ({ name }) => `the parameter ${name}`,
  text: ({ name }) => `the parameter ${name}`,
  mayBeAmi: true,
  option: { like: '/shop/ami', read: (name) => ({ kind: 'parameter', name }) },
  written: ({ name }, quoted) => quoted(name),
  looksUp: {
    // AWS's public parameters, for example those of AMIs, belong to no account.
    'ssm:GetParameter': {
      on: ['ssm:{region}:{account}:parameter/*', 'ssm:{region}::parameter/aws/service/*'],
      wide: notKnownBefore,
    },
    'ec2:DescribeImages': { on: ['*'], wide: inTheRegion },
    'ecr:DescribeImages': { on: ['ecr:{region}:{account}:repository/*'], wide: notKnownBefore },
  },
});
