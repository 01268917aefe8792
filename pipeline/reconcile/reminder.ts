/** Reminds people on call, once an hour, of a rollout that waits for an answer. */
import { formatDuration } from '../../core/basics/duration.ts';
import { beforeCommit } from '../../core/protocol/protocol.ts';
import { answerCommands, waitOf } from '../../core/protocol/waiting.ts';
import { eventOf, recordEvent } from '../shared/record.ts';
import type { Part } from './run-parts.ts';

const hour = 3600;

/** Empty before it has waited for an hour, and if this hour's reminder is recorded already. */
export const reminder: Part = async (ports, { row }) => {
  const { plan, service } = row;
  const now = ports.now();
  // The history is not read before anything can have waited for so long.
  if (plan === null || !beforeCommit(row) || now - plan.at < hour * 1000) return [];
  const said = await ports.ledger.history(service, 500);
  const { since = now, question = null } = waitOf(row, said) ?? {};
  const hours = Math.floor((now - since) / 1000 / hour);
  if (hours === 0) return [];
  const waited = formatDuration(hours * hour);
  const text =
    question === null
      ? `${plan.image.label} has waited for an alarm for ${waited}; no user reaches it before that is OK; to give up, run cutover abort ${service}`
      : `${plan.image.label} has waited for an answer for ${waited}; traffic stays as it is: ${answerCommands(service, question)}`;
  const event = eventOf(plan, now, 'reconcile', 'waiting', text, {
    what: `${row.step}/${hours}`,
    data: { since },
  });
  if (said.some(({ id }) => id === event.id)) return [];
  await recordEvent(ports, service, event);
  return [text];
};
