/** The rollout that a person's word is about: the one that holds the service. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Row } from '../../core/protocol/row.ts';
import { heldBy, type Publication } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { named } from './services.ts';

export interface CurrentRollout {
  service: string;
  row: Row;
  publication: Publication;
}

/** Throws Rejected when there is no such service, or nothing is being rolled out to it. */
export const currentRollout = async ({ ledger }: Pick<Ports, 'ledger'>, given: string): Promise<CurrentRollout> => {
  const service = named(given, await ledger.services());
  const row = await ledger.row(service);
  const publication = row === null ? null : heldBy(row);
  if (row === null || publication === null) throw new Rejected(`nothing is being rolled out to ${service}`);
  return { service, row, publication };
};
