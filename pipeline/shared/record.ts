/** Adds to the service's history and tells whoever listens. Said twice under one id, kept once. */
import type { HistoryEvent } from '../../core/release/history.ts';
import type { Ports } from '../ports/ports.ts';
import type { Rollout } from './rollout.ts';

type Subject = Pick<Rollout, 'service' | 'release' | 'attempt'>;

/** An event about an attempt. `what` makes it unique within the attempt: a repeated step says it again under the same id. */
export const eventOf = (
  { release, attempt }: Subject,
  at: number,
  by: string,
  kind: HistoryEvent['kind'],
  text: string,
  { what = '', data }: { what?: string | number; data?: Record<string, unknown> } = {},
): HistoryEvent => ({
  id: `${release}-${attempt}/${by}/${kind}${what === '' ? '' : `/${what}`}`,
  at,
  release,
  attempt,
  by,
  kind,
  text,
  ...(data && { data }),
});

/** The ledger first; the notice may be lost. */
export const tell = async (
  { ledger, notify }: Pick<Ports, 'ledger' | 'notify'>,
  service: string,
  event: HistoryEvent,
): Promise<void> => {
  await ledger.append(service, event);
  await notify({ ...event, service });
};
