/** Runs the parts of reconcile one after the other. A failure of one part does not stop the others. */
import { messageOf } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';

export type Needs = Pick<
  Ports,
  'ledger' | 'traffic' | 'fleet' | 'preflight' | 'metrics' | 'images' | 'executions' | 'notify' | 'now'
>;

/** A service, and its row as first read. */
export interface Look {
  row: Row;
  service: Service;
}

/** Corrects one thing. Returns what was done, a sentence each. */
export type Part = (ports: Needs, look: Look) => Promise<string[]>;

interface Outcome {
  done: string[];
  failures: unknown[];
}

/** A failure of one part does not stop the others. */
export const inOrder = async (ports: Needs, look: Look, parts: readonly Part[]): Promise<Outcome> => {
  const done: string[] = [];
  const failures: unknown[] = [];
  for (const part of parts)
    await part(ports, look).then(
      (did) => done.push(...did),
      (error) => failures.push(error),
    );
  return { done, failures };
};

/** Everything that was done; then throws what failed. */
export const allDone = (outcomes: readonly Outcome[]): string[] => {
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join('; '));
  if (failures.length > 0) throw failures[0];
  return outcomes.flatMap(({ done }) => done);
};
