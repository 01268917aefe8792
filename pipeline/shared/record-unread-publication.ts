/** Records a publication that names no image. It has no release, but appears in the history with its reason. */
import type { Ports } from '../ports/ports.ts';
import { eventOf, recordEvent } from './record.ts';

/** Recorded once, although reconcile finds it every two minutes. */
export const recordUnread = async (
  ports: Pick<Ports, 'ledger' | 'notify' | 'now'>,
  service: string,
  by: string,
  reason: string,
): Promise<void> => {
  const data = { label: reason.slice(0, 80), outcome: 'refused' };
  const subject = { service, release: '', attempt: 0 };
  const last = (await ports.ledger.history(service)).find(({ kind }) => kind === 'published' || kind === 'refused');
  if (last?.text === reason) return;
  const now = ports.now();
  await recordEvent(ports, service, eventOf(subject, now, by, 'refused', reason, { what: now, data }));
};
