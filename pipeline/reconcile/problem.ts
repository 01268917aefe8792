/** Records a problem that reconcile has met, once for each `what`. */
import { Disbelieved, messageOf } from '../../core/basics/errors.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { eventOf, type Recorder, recordEvent, recorder } from '../shared/record.ts';

type Needs = Pick<Ports, 'ledger' | 'notify' | 'now'>;

/** Records for the current rollout, or otherwise for the live release. */
export const recorderOf = (ports: Needs, { service, plan, live }: Row): Recorder => {
  const { release, attempt } = plan ?? live ?? { release: '', attempt: 0 };
  return recorder(ports, { service, release, attempt }, 'reconcile');
};

/** Returns the text. */
export const recordProblem = async (ports: Needs, row: Row, text: string, what: string | number): Promise<string> => {
  await recorderOf(ports, row)('problem', text, { what });
  return text;
};

/** Records once a day that a persisted value cannot be right, because nothing is done for its service meanwhile. */
export const recordDisbelieved = async (ports: Needs, service: string, error: unknown): Promise<void> => {
  const errors = error instanceof AggregateError ? error.errors : [error];
  const found = errors.find((one) => one instanceof Disbelieved);
  if (found === undefined) return;
  const now = ports.now();
  const what = `unreadable/${new Date(now).toISOString().slice(0, 10)}`;
  const subject = { service, release: '', attempt: 0 };
  const event = eventOf(subject, now, 'reconcile', 'problem', messageOf(found), { what });
  if ((await ports.ledger.history(service, 100)).some(({ id }) => id === event.id)) return;
  await recordEvent(ports, service, event);
};
