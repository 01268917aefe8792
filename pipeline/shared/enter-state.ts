/** The start of every state: reads the row, which decides whether the state may act. */
import { StaleToken } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Rollout } from './rollout.ts';

export interface Entered {
  row: Row;
  plan: Plan;
  service: Service;
}

/** The row, if this execution's token still holds the service; otherwise throws StaleToken. */
export const enter = async (
  ledger: Ledger,
  { service, token }: Pick<Rollout, 'service' | 'token'>,
): Promise<Entered> => {
  const row = await ledger.row(service);
  if (row?.lock.state !== 'held' || row.token !== token || row.plan === null)
    throw new StaleToken(
      `token ${token} does not hold ${service}: ${row === null ? 'it has no row' : `the row is ${row.lock.state} under token ${row.token}`}`,
    );
  return { row, plan: row.plan, service: row.plan.configuration };
};
