/** Starts the execution that the row has reserved the service for. Everyone may call it, any number of times: the name is derived. */
import { protocol } from '../../core/protocol/protocol.ts';
import { executionName, otherName, type Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/** A reserved start whose executions keep ending before admission is not repeated for ever. */
const mostNames = 3;

/** Returns the started execution's name, or null if nothing is reserved. */
export const startReserved = async (
  ports: Pick<Ports, 'ledger' | 'executions' | 'now'>,
  service: string,
): Promise<string | null> => {
  let row: Row | null = await ports.ledger.row(service);
  for (let tries = 0; tries < mostNames; tries++) {
    if (row?.lock.state !== 'reserved') return null;
    const { publication } = row.lock;
    const { release, attempt } = publication;
    // The second where the first was used: by an execution that ended before it was admitted, or by a stranger's.
    for (const name of new Set([executionName(service, publication), otherName(row, publication)])) {
      const started = await ports.executions.start(name, { service, release, attempt });
      if (started === 'started' || started === 'running') return name;
    }
    const { token } = row;
    const again = await ports.ledger.decide(service, (current) =>
      protocol.reserveAgain(current, { token, closed: true, now: ports.now() }),
    );
    row = again.ok ? again.row : await ports.ledger.row(service);
  }
  return null;
};
