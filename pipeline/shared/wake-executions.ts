/** Wakes the waiting executions of a row. The row says why; a token that no execution waits on any more is no error. */
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

export const wakeAll = async ({ executions }: Pick<Ports, 'executions'>, row: Row): Promise<void> => {
  await Promise.all(row.parked.map((token) => executions.wake(token)));
};
