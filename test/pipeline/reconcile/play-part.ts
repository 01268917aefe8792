/** One part of reconcile, shown to a world at rest: release `a` is live in blue, of four instances, since an hour. */
import type { Row } from '../../../core/protocol/row.ts';
import type { Look, Part } from '../../../pipeline/reconcile/run-parts.ts';
import { minute, row, service, start } from '../../core/build.ts';
import { createWorld } from '../build.ts';

/** `look(part)`: what the part answers, given the row as it is; or as `seen` says that it was. */
export const opened = async (at: Row = row(), configuration = service()) => {
  const story = await createWorld(at, configuration);
  story.world.now = start + 60 * minute;
  if (at.lock.state !== 'held') story.world.healthy = { blue: 4, green: 0 };
  const look = async (part: Part, seen: Partial<Look> = {}) =>
    part(story.ports, { row: (await story.row()) ?? at, service: configuration, ...seen });
  const events = async () => story.ports.ledger.history('checkout');
  const texts = async () => (await events()).map(({ text }) => text);
  const change = async (different: Partial<Row>) => {
    const changed = { ...(await story.row()), ...different };
    await story.ports.ledger.decide('checkout', () => ({ ok: true, row: changed, records: [], changed: true }));
  };
  return { ...story, look, events, texts, change };
};
