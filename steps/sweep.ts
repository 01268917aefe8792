/** Instances of ours outside any fleet: at rest, whatever something late or a stranger has launched in the idle slot is taken away again. */
import type { Service } from '../core/configuration.ts';
import { isSettling } from '../core/limits.ts';
import { protocol, untilInForce } from '../core/protocol.ts';
import { otherSlot } from '../core/row.ts';
import { lookAtFleets, runningIn } from './observe.ts';
import type { Ports } from './ports.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'now'>;

/** One bounded step. Answers what was found, in words; null: nothing, or nothing that is anybody's but a rollout's. */
export const sweep = async (ports: Needs, service: Service): Promise<string | null> => {
  // Instances before the row: what is seen here was launched by nobody whom the row, read after it, does not know yet.
  const fleets = await lookAtFleets(ports, service);
  const row = await ports.ledger.row(service.name);
  if (row?.lock.state !== 'free' || row.live === null || row.next !== null) return null;
  const { settling } = service.timing;
  const now = ports.now();
  if (untilInForce(row, now, settling * 1000) > 0 || isSettling(row, settling, now)) return null;
  const idle = otherSlot(row.live.slot);
  const found = runningIn(fleets[idle]);
  if (found === 0 && fleets[idle].number === 0) return null;
  const what = `${found} instances run in ${idle}, which is idle`;
  const weighted = (await ports.traffic.rulesNaming(service)).find(({ weights }) => weights[idle] > 0);
  if (weighted !== undefined) return `${what}, and to which ${weighted.rule} leads: they stay`;
  const claimed = await ports.ledger.decide(service.name, (current) => protocol.sweep(current, { now: ports.now() }));
  if (!claimed.ok) return null;
  await ports.fleet.remove(service, idle);
  return `${what}: they are being removed`;
};
