/** Looks up AMIs by name pattern and owner. The newest is the one with the latest creation date. */
import { DescribeImagesCommand, type DescribeImagesCommandInput, type Image } from '@aws-sdk/client-ec2';
import type { Found } from '../../../pipeline/ports/images.ts';
import { codeOf, send } from '../aws-errors.ts';
import { type Client, everyPage } from '../client.ts';
import { newestOf, type Source } from './source.ts';

const foundOf = ({ ImageId: id = '', Name, CreationDate = '' }: Image): Found => ({
  image: { reference: id, ami: id, label: Name ?? id },
  order: Date.parse(CreationDate) || 0,
});

/** Available ones only: what is pending, failed or disabled cannot be launched. */
const describe = async (ec2: Client, { Filters = [], ...input }: DescribeImagesCommandInput): Promise<Found[]> => {
  const available = { Name: 'state', Values: ['available'] };
  const images = await everyPage(async (NextToken) => {
    const page = await send(ec2, new DescribeImagesCommand({ ...input, Filters: [...Filters, available], NextToken }));
    return { items: page.Images, next: page.NextToken };
  });
  return images.map(foundOf);
};

const byName = (pattern: string) => ({ Name: 'name', Values: [pattern] });

/** One image by id; null when it does not exist or is not what `only` says it has to be. */
export const amiById = async (
  ec2: Client,
  id: string,
  only: DescribeImagesCommandInput = {},
): Promise<Found | null> => {
  try {
    return (await describe(ec2, { ...only, ImageIds: [id] }))[0] ?? null;
  } catch (error) {
    if (codeOf(error).startsWith('InvalidAMIID.')) return null;
    throw error;
  }
};

export const amiSource = ({ ec2 }: { ec2: Client }): Source<'ami'> => ({
  newest: async ({ name, owner }) => newestOf(await describe(ec2, { Owners: [owner], Filters: [byName(name)] })),

  // By id too it has to bear the name: events come for every image of the account.
  find: async ({ name, owner }, what) =>
    what.startsWith('ami-')
      ? amiById(ec2, what, { Owners: [owner], Filters: [byName(name)] })
      : newestOf(await describe(ec2, { Owners: [owner], Filters: [byName(what)] })),
});
