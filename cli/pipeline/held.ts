/** The rollout that a person's word is about: the one that holds the service. */
import { Rejected } from '../../core/basics/errors.ts';
import type { Row } from '../../core/protocol/row.ts';
import { heldBy, type Publication } from '../../core/release/publications.ts';
import { named } from '../config/config-file.ts';
import type { Operated } from './operator.ts';

export interface Held {
  service: string;
  row: Row;
  publication: Publication;
}

/** Throws Rejected when there is no such service, or nothing is being rolled out to it. */
export const heldRollout = async ({ ports }: Pick<Operated, 'ports'>, given: string): Promise<Held> => {
  const service = named(given, await ports.ledger.services());
  const row = await ports.ledger.row(service);
  const publication = row === null ? null : heldBy(row);
  if (row === null || publication === null) throw new Rejected(`nothing is being rolled out to ${service}`);
  return { service, row, publication };
};
