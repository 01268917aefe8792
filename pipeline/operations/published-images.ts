/** Every image that was ever published to a service. */
import { Rejected } from '../../core/basics/errors.ts';
import { type Image, identityOf, releaseOf } from '../../core/basics/image.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Found } from '../ports/images.ts';

/** In the order of their events. */
export const publishedImages = (events: readonly HistoryEvent[]): Image[] =>
  events.flatMap(({ kind, data }) => (kind === 'published' && data?.image !== undefined ? [data.image as Image] : []));

/** The image of a release; undefined: there is none. Throws Rejected if two images share the release, which is only 12 digits of a digest. */
export const ofRelease = (images: readonly Image[], release: string): Image | undefined => {
  const found = images.filter((image) => releaseOf(image) === release);
  const [image, other] = [...new Map(found.map((one) => [identityOf(one), one])).values()];
  if (other !== undefined)
    throw new Rejected({
      problem: `two images have the release ${release}`,
      remedy: `choose one of them by its digest, ${image?.reference.split('@')[1]} or ${other.reference.split('@')[1]}`,
    });
  return image;
};

/**
 * An image with its last published label, if its registry knows only its digest: the tag has moved to another image, or the
 * local cloud was restarted.
 */
export const withLabel = (found: Found, images: readonly Image[]): Found => {
  const { image } = found;
  const published = image.label.startsWith('sha256:') && images.find((one) => identityOf(one) === identityOf(image));
  return published ? { ...found, image: { ...image, label: published.label } } : found;
};
