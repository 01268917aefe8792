/** What has been published, and what became of it. */
import { Rejected } from '../../core/basics/errors.ts';
import { type Image, identityOf, releaseOf } from '../../core/basics/image.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Published } from '../../pipeline/operations/publish.ts';

/** Every image that was ever published to a service, in its events' order. */
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

/** A wish to roll something out, in one sentence. Throws Rejected where it was refused. */
export const publishedText = (
  published: Published,
  { service, label, release }: { service: string; label: string; release: string },
): string => {
  const what = `${label} (${release})`;
  switch (published.state) {
    case 'refused':
      throw new Rejected(`${what} is not rolled out to ${service}: ${published.reason}`);
    case 'started':
      return `${what} is being rolled out to ${service}.`;
    case 'merged':
      return `${what} is on its way to ${service}.`;
    case 'waiting':
      return `${what} waits for ${service}: ${published.behind || 'another release'} is being rolled out and comes to its end first.`;
    case 'observed':
      return `${what}: ${published.text}`;
    default:
      return published satisfies never;
  }
};
