/** Every image that was ever published to a service. */
import { Rejected } from '../../core/basics/errors.ts';
import { type Image, identityOf, releaseOf } from '../../core/basics/image.ts';
import type { HistoryEvent } from '../../core/release/history.ts';

/** In their events' order. */
export const publishedImages = (events: readonly HistoryEvent[]): Image[] =>
  events.flatMap(({ kind, data }) => (kind === 'published' && data?.image !== undefined ? [data.image as Image] : []));

/** The image of a release; undefined: none has it. Throws Rejected where two have: a release is 12 digits of a digest. */
export const ofRelease = (images: readonly Image[], release: string): Image | undefined => {
  const found = images.filter((image) => releaseOf(image) === release);
  const [image, other] = [...new Map(found.map((one) => [identityOf(one), one])).values()];
  if (other !== undefined)
    throw new Rejected({
      problem: `two images are called ${release}`,
      remedy: `name one of them by its digest, ${image?.reference.split('@')[1]} or ${other.reference.split('@')[1]}`,
    });
  return image;
};
