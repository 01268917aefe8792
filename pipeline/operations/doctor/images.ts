/** Doctor's findings about images that are missing, or that this account may not launch. */
import { arnParts } from '../../../core/basics/arn.ts';
import type { Service } from '../../../core/config/service.ts';
import { sourceText } from '../../../core/config/sources/sources.ts';
import { entry } from './entry.ts';

const accountOf = ({ rules: [rule = ''] }: Service): string => arnParts(rule).account;

export const images = entry<string>({
  name: 'images',
  observe: async ({ service, newest }) => ((await newest()) === null ? [sourceText(service.image)] : []),
  problem: (source) => `${source} has no image that could be rolled out`,
  remedy: () => 'publish one, or correct `image`',
});

export const imageKeys = entry<string>({
  name: 'keys of images',
  observe: async (look) => {
    const found = await look.newest();
    const [flags] = await look.flags();
    const ami = found?.image.ami ?? flags?.ami ?? null;
    return ami === null ? [] : look.ports.inspection.imageKeys(ami);
  },
  problem: (key, { service }) =>
    arnParts(key).account === accountOf(service)
      ? null
      : `the image is encrypted with the key ${key} of another account: launches fail, and only an instance's state reason says so`,
  remedy: (_, { service }) =>
    `copy the image with a key of this account, or let the other one grant its key to ${service.fleet.kind === 'groups' ? 'AWSServiceRoleForAutoScaling' : 'the pipeline'}`,
});
