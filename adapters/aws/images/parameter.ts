/** The image that an SSM parameter names: an AMI's id, or an ECR image with its digest. Newest is what it says now. */
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { Found } from '../../../pipeline/ports/images.ts';
import type { Client } from '../client.ts';
import { codeOf, send } from '../failure.ts';
import { amiById } from './ami.ts';
import { ecrImage } from './ecr.ts';
import type { Source } from './source.ts';

/** `123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme/checkout@sha256:…`, with or without the registry. */
const ecrReference =
  /^(?:(?<account>\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/)?(?<repository>[a-z0-9][a-z0-9._/-]*)@sha256:[0-9a-f]{64}$/;

export const parameterSource = ({ ssm, ec2, ecr }: { ssm: Client; ec2: Client; ecr: Client }): Source<'parameter'> => {
  const image = async (value: string, region: string): Promise<Found | null> => {
    if (value.startsWith('ami-')) return amiById(ec2, value);
    const { repository, account } = ecrReference.exec(value)?.groups ?? {};
    return repository === undefined ? null : ecrImage(ecr, { repository, account, region }, value);
  };

  const newest: Source<'parameter'>['newest'] = async ({ name }, region) => {
    try {
      const { Parameter } = await send(ssm, new GetParameterCommand({ Name: name, WithDecryption: true }));
      const found = await image(Parameter?.Value?.trim() ?? '', region);
      // The parameter's order and not the image's: setting it back to an older image is a publication too.
      return found && { ...found, order: Parameter?.LastModifiedDate?.getTime() ?? found.order };
    } catch (error) {
      if (codeOf(error) === 'ParameterNotFound') return null;
      throw error;
    }
  };

  return {
    newest,
    find: (source, what, region) => (what === source.name ? newest(source, region) : image(what, region)),
  };
};
