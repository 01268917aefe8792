/** Publishes a new image whose event was lost. */
import { Unread } from '../../core/basics/errors.ts';
import { publish } from '../operations/publish.ts';
import { recordUnread } from '../shared/record-unread-publication.ts';
import type { Look, Needs } from './run-parts.ts';

export const missedImage = async (ports: Needs, { service }: Pick<Look, 'service'>): Promise<string[]> => {
  const newest = await ports.images.newest(service).catch((error) => {
    if (error instanceof Unread) return error;
    throw error;
  });
  if (newest instanceof Unread) {
    await recordUnread(ports, service.name, 'reconcile', newest.message);
    return [];
  }
  if (newest === null) return [];
  const wish = { what: newest.image.reference, found: newest, asked: false, by: 'reconcile' };
  const published = await publish(ports, service, wish);
  return published.state === 'refused' ? [] : [`${newest.image.label}: ${published.state}`];
};
