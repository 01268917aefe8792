/** A problem that reconcile has met, on record: once under the same `what`. */
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { type Recorder, recorder } from '../shared/record.ts';

type Needs = Pick<Ports, 'ledger' | 'notify' | 'now'>;

/** Records what is about the rollout that is on its way, or else about what is live. */
export const recorderOf = (ports: Needs, { service, plan, live }: Row): Recorder => {
  const { release, attempt } = plan ?? live ?? { release: '', attempt: 0 };
  return recorder(ports, { service, release, attempt }, 'reconcile');
};

/** Answers the text. */
export const recordProblem = async (ports: Needs, row: Row, text: string, what: string | number): Promise<string> => {
  await recorderOf(ports, row)('problem', text, { what });
  return text;
};
