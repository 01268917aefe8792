/** Reads the configured services for events that may concern any of them. An unreadable configuration does not stop other services. */
import { messageOf } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Ports } from '../ports/ports.ts';

/** `failures`: why some could not be read, each with its service's name. */
export const configuredServices = async ({
  ledger,
}: Pick<Ports, 'ledger'>): Promise<{ services: Service[]; failures: string[] }> => {
  const names = await ledger.services();
  const read = await Promise.allSettled(names.map((name) => ledger.configuration(name)));
  return {
    services: read.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : [])),
    failures: read.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : [])),
  };
};
