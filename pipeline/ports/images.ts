/** Images, as the registry of a service has them. */
import type { Image } from '../../core/basics/image.ts';
import type { Service } from '../../core/config/service.ts';

export interface Images {
  /** The newest image of the service's source, with its order; null when there is none. Throws Unread where its source names what is none. */
  newest(service: Service): Promise<Found | null>;
  /** A named image (tag, digest, AMI id …) of the service's source; null when it does not exist (any more). */
  find(service: Service, what: string): Promise<Found | null>;
  /**
   * What an event announced, where the registry itself says that it is an image of the service's source: by a tag that its patterns take, a
   * name and an owner. Null: it is not, or not any more. Throws Unread where the source names what is none.
   */
  announced(service: Service, what: string): Promise<Found | null>;
}

/** An image as its registry has it, and when it was pushed or made. */
export interface Found {
  image: Image;
  order: number;
}
