/** Starts a recovery for a service whose holder's execution is closed: forward if it was committed, back if not. Its name is never a derived one. */
import { isContinuation, type Row } from '../core/row.ts';
import type { Ports } from './ports.ts';

/** So many recoveries in a row, each of which died; then a person has to look. */
const mostRecoveries = 5;

export type Recovered =
  | { state: 'started'; name: string }
  | { state: 'under way' }
  | { state: 'given up' }
  | { state: 'not needed' };

export const recover = async ({ executions }: Pick<Ports, 'executions'>, row: Row): Promise<Recovered> => {
  if (row.lock.state !== 'held') return { state: 'not needed' };
  const status = await executions.status(row.lock.execution);
  if (status === 'running') return { state: 'not needed' };
  if ((await executions.recoveries(row.service)).length > 0) return { state: 'under way' };
  const { release, attempt } = row.lock.publication;
  if (status === 'absent' && isContinuation(row.lock.execution)) {
    // Handed over to, and never started.
    const name = row.lock.execution;
    await executions.start(name, { service: row.service, release, attempt });
    return { state: 'started', name };
  }
  // A recovery that died after it had taken over is followed by the next in line, not by a first one.
  const line = Number(/^recover-.*-(\d+)$/.exec(row.lock.execution)?.[1] ?? 0);
  for (let n = line + 1; n <= mostRecoveries; n++) {
    const name = `recover-${row.service}-${row.token}-${n}`;
    const started = await executions.start(name, { service: row.service, release, attempt, token: row.token });
    if (started === 'started') return { state: 'started', name };
    if (started === 'running') return { state: 'under way' };
  }
  return { state: 'given up' };
};

export const isRecovery = (execution: string): boolean => execution.startsWith('recover-');
