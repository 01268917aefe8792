/** Every image that was ever published to a service. */
import { Rejected } from '../../core/basics/errors.ts';
import { type Image, identityOf, releaseOf } from '../../core/basics/image.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Found } from '../ports/images.ts';

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

/**
 * An image under the label that it was last published with, where its registry knows it by its digest alone: its tag has moved on, or the
 * local cloud was started again.
 */
export const withLabel = (found: Found, images: readonly Image[]): Found => {
  const { image } = found;
  const published = image.label.startsWith('sha256:') && images.find((one) => identityOf(one) === identityOf(image));
  return published ? { ...found, image: { ...image, label: published.label } } : found;
};
