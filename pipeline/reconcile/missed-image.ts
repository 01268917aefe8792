/** An image whose event was lost. */
import { publish } from '../operations/publish.ts';
import type { Look, Needs } from './part.ts';

export const missedImage = async (ports: Needs, { service }: Pick<Look, 'service'>): Promise<string[]> => {
  const newest = await ports.images.newest(service);
  if (newest === null) return [];
  const wish = { what: newest.image.reference, found: newest, asked: false, by: 'reconcile' };
  const published = await publish(ports, service, wish);
  return published.state === 'refused' ? [] : [`${newest.image.label}: ${published.state}`];
};
