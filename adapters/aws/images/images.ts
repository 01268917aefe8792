/** The images port: chooses the adapter of a source by the configuration. */
import { arnParts } from '../../../core/basics/arn.ts';
import type { ImageSource } from '../../../core/config/service.ts';
import type { Images } from '../../../pipeline/ports/images.ts';
import type { Client } from '../client.ts';
import { amiSource } from './ami.ts';
import { ecrSource } from './ecr.ts';
import { imageBuilderSource } from './image-builder.ts';
import { parameterSource } from './parameter.ts';
import type { Source } from './source.ts';

export const imagesOf = (clients: { ecr: Client; ec2: Client; imagebuilder: Client; ssm: Client }): Images => {
  const kinds: { [Kind in ImageSource['kind']]: Source<Kind> } = {
    ecr: ecrSource(clients),
    ami: amiSource(clients),
    imageBuilder: imageBuilderSource(clients),
    parameter: parameterSource(clients),
  };
  const sourceOf = ({ kind }: ImageSource) => kinds[kind] as Source;
  return {
    newest: (service) => sourceOf(service.image).newest(service.image, arnParts(service.slots.blue)),
    find: (service, what) => sourceOf(service.image).find(service.image, what, arnParts(service.slots.blue)),
    announced: (service, what) => {
      const { announced, find } = sourceOf(service.image);
      return (announced ?? find)(service.image, what, arnParts(service.slots.blue));
    },
  };
};
