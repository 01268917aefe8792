/** The rollout that a person's command acts on: the one that holds the service. */

import { Rejected } from '../../core/basics/errors.ts';
import type { Row } from '../../core/protocol/row.ts';
import { holderOf, type Publication } from '../../core/release/publications.ts';
import type { Ports } from '../ports/ports.ts';
import { named } from './services.ts';

export interface CurrentRollout {
  service: string;
  row: Row;
  publication: Publication;
}

/** Throws Rejected if there is no such service, or no rollout of it is under way. */
export const currentRollout = async ({ ledger }: Pick<Ports, 'ledger'>, given: string): Promise<CurrentRollout> => {
  const service = named(given, await ledger.services());
  const row = await ledger.row(service);
  const publication = row === null ? null : holderOf(row);
  if (row === null || publication === null) throw nothingRuns(service, row?.live ?? null);
  return { service, row, publication };
};

/** For somebody who aborts too late: which version is live now, and how to go back from it. */
const nothingRuns = (service: string, live: Row['live']): Rejected => {
  const serves = live === null ? 'no version is live' : `${live.image.label} (${live.release}) is live`;
  return new Rejected({
    problem: `nothing is being rolled out to ${service}, so nothing was changed; ${serves}`,
    remedy:
      live === null
        ? `see cutover history ${service}`
        : `to go back to an older release, choose one of cutover history ${service}: cutover deploy ${service} <release>`,
  });
};
