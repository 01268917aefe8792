/** The interface of an image source's adapter: find the newest image, or a named one. */
import type { ImageSource } from '../../../core/config/service.ts';
import type { Found } from '../../../pipeline/ports/images.ts';

type SourceOf<Kind> = Extract<ImageSource, { kind: Kind }>;

/** Where a service's images are looked up: where its load balancer is. */
export interface Place {
  account: string;
  region: string;
}

/** Null: there is none, it has gone, or it is not an image. Throws Unread for what is named in a form that is not read. */
export interface Source<Kind extends ImageSource['kind'] = ImageSource['kind']> {
  newest(source: SourceOf<Kind>, place: Place): Promise<Found | null>;
  find(source: SourceOf<Kind>, what: string, place: Place): Promise<Found | null>;
  /** What an event announced, if the registry says that it is this source's; absent: `find` asks for all of that. */
  announced?(source: SourceOf<Kind>, what: string, place: Place): Promise<Found | null>;
}

/** The one with the highest order. */
export const newestOf = (found: Found[]): Found | null =>
  found.reduce<Found | null>((newest, one) => (newest === null || one.order > newest.order ? one : newest), null);
