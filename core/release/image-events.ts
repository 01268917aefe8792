/** Finds the services that an EventBridge event concerns. An event is only a hint: it may be late, repeated, or about a deleted image. */
import * as z from 'zod';
import type { Service } from '../config/service.ts';
import type { Match } from '../config/sources/source.ts';
import { type Announcement, type ImageSource, imageSources, sourceModuleOf } from '../config/sources/sources.ts';

export type { Announcement, Match };

const envelope = z.object({
  'detail-type': z.string(),
  resources: z.array(z.string()).default([]),
  detail: z.unknown(),
});

const readers = new Map(imageSources.flatMap(({ events }) => Object.entries(events)));

/** Reads any event. If it announces no image, the answer is a reason that completes "not an image: ". */
export const announcementOf = (event: unknown): Announcement | string => {
  const parsed = envelope.safeParse(event);
  if (!parsed.success) return 'it is no EventBridge event';
  const { 'detail-type': type, detail, resources } = parsed.data;
  return readers.get(type)?.(detail, resources) ?? `"${type}" events announce none`;
};

const matchOf = (source: ImageSource, announcement: Announcement): Match | null =>
  source.kind === announcement.kind ? sourceModuleOf(source).matches(source, announcement) : null;

/** Does the event announce an image of this source? */
export const matches = (source: ImageSource, event: unknown): Match | null => {
  const announcement = announcementOf(event);
  return typeof announcement === 'string' ? null : matchOf(source, announcement);
};

export interface Matched {
  matches: (Match & { service: Service })[];
  /** Why nothing matched, as a sentence; null if something did. */
  reason: string | null;
}

/** The services whose source the event concerns. */
export const matchServices = (event: unknown, services: readonly Service[]): Matched => {
  const announcement = announcementOf(event);
  if (typeof announcement === 'string') return { matches: [], reason: `not an image: ${announcement}` };
  const matched = services.flatMap((service) => {
    const match = matchOf(service.image, announcement);
    return match === null ? [] : [{ ...match, service }];
  });
  return {
    matches: matched,
    reason:
      matched.length > 0
        ? null
        : `nobody's: no service takes ${sourceModuleOf(announcement).announcedText(announcement)}`,
  };
};
