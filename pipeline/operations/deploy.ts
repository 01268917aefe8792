/** Rolls out an image that is in the registry already, for example an older one. */

import { Rejected } from '../../core/basics/errors.ts';
import { releaseOf } from '../../core/basics/image.ts';
import { nearest } from '../../core/config/suggest.ts';
import type { Found } from '../ports/images.ts';
import { type Published, type Needs as Publishing, publish } from './publish.ts';
import { ofRelease, publishedImages, withLabel } from './published-images.ts';
import { serviceNamed } from './services.ts';

export interface Deployed {
  service: string;
  release: string;
  label: string;
  published: Published;
}

/** `image`: a tag, a digest, or a release from the history. Throws Rejected if there is no such image. */
export const deploy = async (
  ports: Publishing,
  { service: given, image: what, by }: { service: string; image: string; by: string },
): Promise<Deployed> => {
  const service = await serviceNamed(ports, given);
  const { name } = service;
  const known = publishedImages(await ports.ledger.history(name));
  const reference = ofRelease(known, what)?.reference ?? what;
  // A published label is not the image's tag any more if the tag has moved to another image.
  const published = known.find(({ label }) => label === what)?.reference;
  const found =
    (await ports.images.find(service, reference)) ??
    (published === undefined ? null : await ports.images.find(service, published));
  if (found === null) {
    const meant = nearest(
      what,
      known.flatMap((image) => [image.label, releaseOf(image)]),
    );
    throw new Rejected(
      `${name} has no image ${what}; ${meant === undefined ? `see: cutover history ${name}` : `did you mean ${meant}?`}`,
    );
  }
  return deployFound(ports, service, { what, found: withLabel(found, known), by });
};

/** The same for an image that has been looked up. */
export const deployFound = async (
  ports: Publishing,
  service: Parameters<typeof publish>[1],
  { what, found, by }: { what: string; found: Found; by: string },
): Promise<Deployed> => ({
  service: service.name,
  release: releaseOf(found.image),
  label: found.image.label,
  published: await publish(ports, service, { what, found, asked: true, by }),
});
