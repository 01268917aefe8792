/** Wakes whatever is parked. The row has said why already; a token that nobody waits on any more is fine. */
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

export const wakeAll = async ({ executions }: Pick<Ports, 'executions'>, row: Row): Promise<void> => {
  await Promise.all(row.parked.map((token) => executions.wake(token)));
};
