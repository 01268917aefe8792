/** The images port: images as a service's registry has them. */
import type { Image } from '../../core/basics/image.ts';
import type { Service } from '../../core/config/service.ts';

export interface Images {
  /** The newest image of the service's source, with its order; null if there is none. Throws Unread if the source names something else. */
  newest(service: Service): Promise<Found | null>;
  /** A named image (tag, digest, AMI id …) of the service's source; null if it does not exist (any more). */
  find(service: Service, what: string): Promise<Found | null>;
  /**
   * The announced image, if the registry confirms that it belongs to the service's source: by a matching tag, or by name and
   * owner. Null: it does not, or not any more. Throws Unread if the source names something else.
   */
  announced(service: Service, what: string): Promise<Found | null>;
}

/** An image in its registry, and when it was pushed or created. */
export interface Found {
  image: Image;
  order: number;
}
