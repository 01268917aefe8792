/** Starts the execution that the row has reserved the service for. Anyone may, any number of times: the name is derived. */
import { protocol } from '../../core/protocol/protocol.ts';
import { executionName, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/** A reserved start that keeps closing before it is admitted is not tried for ever. */
const mostNames = 3;

/** Answers the started execution's name, or null when nothing is reserved. */
export const startReserved = async (
  ports: Pick<Ports, 'ledger' | 'executions' | 'now'>,
  service: string,
): Promise<string | null> => {
  let row: Row | null = await ports.ledger.row(service);
  for (let tries = 0; tries < mostNames; tries++) {
    if (row?.lock.state !== 'reserved') return null;
    const { release, attempt } = row.lock.publication;
    const name = executionName(service, { release, attempt });
    const started = await ports.executions.start(name, { service, release, attempt });
    if (started !== 'closed') return name;
    const { token } = row;
    const again = await ports.ledger.decide(service, (current) =>
      protocol.reserveAgain(current, { token, closed: true, now: ports.now() }),
    );
    row = again.ok ? again.row : await ports.ledger.row(service);
  }
  return null;
};
