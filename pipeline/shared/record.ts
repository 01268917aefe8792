/** Records events in the service's history, and sends them to the event bus. Two events with the same id are kept as one. */
import { cutText, shownValue, withoutControls } from '../../core/basics/outside-text.ts';
import { attemptId, type HistoryEvent } from '../../core/release/history.ts';
import type { Ports } from '../ports/ports.ts';
import type { Rollout } from './rollout.ts';

/** Characters of one text in an event: the tail of a console is the longest. */
const mostText = 4000;

type Subject = Pick<Rollout, 'service' | 'release' | 'attempt'>;

/** `what` makes an event unique within the attempt: a repeated step records it again under the same id. */
interface Details {
  what?: string | number;
  data?: Record<string, unknown>;
}

/** An event about an attempt, to be written together with the row. */
export const eventOf = (
  { release, attempt }: Subject,
  at: number,
  by: string,
  kind: HistoryEvent['kind'],
  text: string,
  { what = '', data }: Details = {},
): HistoryEvent => ({
  id: `${attemptId({ release, attempt })}/${by}/${kind}${what === '' ? '' : `/${what}`}`,
  at,
  release,
  attempt,
  by,
  kind,
  text: cutText(withoutControls(text), mostText),
  ...(data && { data: shownValue(data, mostText) as typeof data }),
});

/** The ledger first; the notice may get lost. */
export const recordEvent = async (
  { ledger, notify }: Pick<Ports, 'ledger' | 'notify'>,
  service: string,
  event: HistoryEvent,
): Promise<void> => {
  await ledger.append(service, event);
  await notify({ ...event, service });
};

/** `at`: when it happened; default: now. */
export type Recorder = (kind: HistoryEvent['kind'], text: string, details?: Details & { at?: number }) => Promise<void>;

/** A recorder for a state, a trigger or an operation, for one attempt. */
export const recorder =
  (ports: Pick<Ports, 'ledger' | 'notify' | 'now'>, subject: Subject, by: string): Recorder =>
  (kind, text, { at = ports.now(), ...details } = {}) =>
    recordEvent(ports, subject.service, eventOf(subject, at, by, kind, text, details));
