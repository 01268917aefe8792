/** Starts a recovery if the holder's execution is closed: forward if it was committed, back if not. Attempts never have a recovery's name. */
import { isContinuation, type Row, recoveryName, recoveryNumber } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

/**
 * Seconds between the end of one recovery and the start of the next. The cause of a failure (a policy, a throttle) often passes, but not
 * in minutes. After the last recovery a person has to look.
 */
const pauses = [0, 2 * 60, 15 * 60, 3600, 6 * 3600];

export type Recovered =
  | { state: 'started'; name: string }
  | { state: 'under way' }
  /** The next one is started after this many seconds, by reconcile. */
  | { state: 'waiting'; seconds: number }
  | { state: 'given up' }
  | { state: 'not needed' };

export const recover = async ({ executions, now }: Pick<Ports, 'executions' | 'now'>, row: Row): Promise<Recovered> => {
  if (row.lock.state !== 'held') return { state: 'not needed' };
  const status = await executions.status(row.lock.execution);
  if (status === 'running') return { state: 'not needed' };
  if (await isRecovered(executions, row)) return { state: 'under way' };
  const { release, attempt } = row.lock.publication;
  if (status === 'absent' && isContinuation(row.lock.execution)) {
    // The execution was handed over to but never started.
    const name = row.lock.execution;
    await executions.start(name, { service: row.service, release, attempt });
    return { state: 'started', name };
  }
  // If a recovery has ended that had taken over, the next number follows, not the first.
  // One with another number was named by somebody else, and follows no recovery.
  const number = recoveryNumber(row.lock.execution);
  const line = number > pauses.length ? 0 : number;
  let last = line === 0 ? null : row.lock.execution;
  for (let n = line + 1; n <= pauses.length; n++) {
    const seconds = last === null ? 0 : await untilNext(executions, last, now(), pauses[n - 1] ?? 0);
    if (seconds > 0) return { state: 'waiting', seconds };
    const name = recoveryName(row, n);
    const started = await executions.start(name, { service: row.service, release, attempt, token: row.token });
    if (started === 'started') return { state: 'started', name };
    if (started === 'running') return { state: 'under way' };
    last = name;
  }
  return { state: 'given up' };
};

/** Whether one of the row's own recoveries runs: another execution that is called like one may be anybody's. */
export const isRecovered = async (executions: Ports['executions'], row: Row): Promise<boolean> => {
  const running = await executions.recoveries(row.service);
  return pauses.some((_, index) => running.includes(recoveryName(row, index + 1)));
};

const untilNext = async (executions: Ports['executions'], last: string, now: number, pause: number): Promise<number> =>
  Math.max(0, ((await executions.moved(last)) ?? 0) / 1000 + pause - now / 1000);

/** The message when no recovery follows any more. */
export const stuck = (execution: string): string =>
  `stuck: ${execution} and the recoveries before it ended before the rollout did; traffic keeps its weights. Find the cause in the Step Functions console, then run cutover retry, or redrive the execution`;
