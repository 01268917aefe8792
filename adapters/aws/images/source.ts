/** A source of images, as the images port looks it up: the newest one, or one that is named. */
import type { ImageSource } from '../../../core/config/service.ts';
import type { Found } from '../../../pipeline/ports/images.ts';

type SourceOf<Kind> = Extract<ImageSource, { kind: Kind }>;

/** Null: there is none, it has gone, or it is not an image. */
export interface Source<Kind extends ImageSource['kind'] = ImageSource['kind']> {
  newest(source: SourceOf<Kind>, region: string): Promise<Found | null>;
  find(source: SourceOf<Kind>, what: string, region: string): Promise<Found | null>;
}

/** The one with the highest order. */
export const newestOf = (found: Found[]): Found | null =>
  found.reduce<Found | null>((newest, one) => (newest === null || one.order > newest.order ? one : newest), null);
