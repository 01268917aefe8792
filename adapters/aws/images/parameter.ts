/** Looks up the image that an SSM parameter names: an AMI's id, or an ECR image with its digest. The newest image is the parameter's present value. */
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Rejected, Unread } from '../../../core/basics/errors.ts';
import { ecrReference, referenceProblem, registryHost } from '../../../core/release/ecr-reference.ts';
import type { Found } from '../../../pipeline/ports/images.ts';
import { codeOf, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';
import { amiById } from './ami.ts';
import { ecrImage } from './ecr.ts';
import type { Place, Source } from './source.ts';

export const parameterSource = ({ ssm, ec2, ecr }: { ssm: Client; ec2: Client; ecr: Client }): Source<'parameter'> => {
  /** Of a text in one of the forms that are read. Its host stays as it is written: instances may reach no other endpoint. */
  const image = async (text: string, place: Place): Promise<Found | null> => {
    if (text.startsWith('ami-')) return amiById(ec2, text);
    const { repository = '', registry = null, digest = '' } = ecrReference(text) ?? {};
    const { account, region } = place;
    const found = await ecrImage(ecr, { repository, account: registry?.account, region }, digest ?? '');
    const host = registry?.host ?? registryHost(account, region);
    return found && { ...found, image: { ...found.image, reference: `${host}/${repository}@${digest}` } };
  };

  /** A value that names no image is quoted in the error. */
  const named = async (name: string, value: string, place: Place): Promise<Found> => {
    const unread = (why: string) => new Unread(`the parameter ${name} holds "${value.slice(0, 300)}": ${why}`);
    const because = referenceProblem(value, place.account, place.region);
    if (because !== null) throw unread(because);
    const found = await image(value, place).catch((error) => {
      if (error instanceof Rejected && /NotFound/.test(codeOf(error))) throw unread(error.message);
      throw error;
    });
    if (found === null) throw unread('there is no such image: push it first, then write its name');
    return found;
  };

  const newest: Source<'parameter'>['newest'] = async ({ name }, place) => {
    try {
      const { Parameter } = await send(ssm, new GetParameterCommand({ Name: name, WithDecryption: true }));
      const found = await named(name, Parameter?.Value?.trim() ?? '', place);
      // The parameter's order and not the image's: setting it back to an older image is a publication too.
      return { ...found, order: Parameter?.LastModifiedDate?.getTime() ?? found.order };
    } catch (error) {
      if (codeOf(error) === 'ParameterNotFound') return null;
      throw error;
    }
  };

  return {
    newest,
    find: async (source, what, place) => {
      if (what === source.name) return newest(source, place);
      return referenceProblem(what, place.account, place.region) === null ? image(what, place) : null;
    },
  };
};
