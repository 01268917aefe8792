/** Starts a recovery for a holder whose execution was ended from outside, if that event was lost. */
import { recover, stuck } from '../shared/recover.ts';
import { recorderOf } from './problem.ts';
import type { Look, Needs } from './run-parts.ts';

/** Nothing if the execution runs, or nobody holds the service. */
export const missedRecovery = async (ports: Needs, { row }: Look): Promise<string[] | null> => {
  if (row.lock.state !== 'held') return null;
  const recovered = await recover(ports, row);
  switch (recovered.state) {
    case 'not needed':
      return null;
    case 'started':
      return [`recovery ${recovered.name} started`];
    case 'given up': {
      const text = stuck(row.lock.execution);
      await recorderOf(ports, row)('stuck', text, { what: row.token });
      return [text];
    }
    default:
      return [];
  }
};
