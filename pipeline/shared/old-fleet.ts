/** Keeps the old fleet's number of instances for a rollback, even against an autoscaler. Only `maxExtra` makes it smaller. */

import type { Slot } from '../../core/basics/slot.ts';
import { instanceLimit, needed, oldCount, targetCount } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { untilInForce } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import type { Entered } from './enter-state.ts';
import { releaseOfLive } from './fleet-release.ts';
import { runningIn } from './fleets.ts';
import { launch } from './launch.ts';
import { recorder } from './record.ts';
import { replaceUnhealthy } from './replace-unhealthy.ts';
import type { Rollout } from './rollout.ts';
import { healthy, inService, type Targets } from './targets.ts';
import { pollSeconds } from './wait-times.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'notify' | 'now'>;

/** Only this rollout may scale the slots down; lost instances of the old slot are replaced up to `count`. Returns how many it launched there. */
export const keepFleets = async (
  ports: Needs,
  rollout: Rollout,
  { row, plan, service }: Entered,
  targets: Targets,
  count: number,
): Promise<number> => {
  const { old } = plan;
  const pin = async (slot: Slot, least: number): Promise<void> => {
    const changed = await ports.fleet.pin(service, slot, least);
    if (changed === null) return;
    const now = ports.now();
    await recorder(ports, rollout, 'Provision')('problem', changed, { at: now, what: now });
  };
  const ours = old.kind === 'ours';
  await Promise.all([pin(plan.new.slot, 0), pin(old.slot, ours ? count : 0)]);
  if (!ours || row.live === null || healthy(targets[old.slot]).length >= count) return 0;
  return (await launch(ports, releaseOfLive(row.live, service), old.slot, count)).launched;
};

/** Asks the old slot for `count` instances, which a rollback needs for all traffic. Returns how many it launched. */
export const growBack = async (
  ports: Needs,
  { live }: Row,
  { old, configuration }: Plan,
  count: number,
): Promise<number> => {
  if (old.kind !== 'ours') return 0;
  await ports.fleet.pin(configuration, old.slot, count);
  if (live === null) return 0;
  return (await launch(ports, releaseOfLive(live, configuration), old.slot, count)).launched;
};

export type Room =
  | { state: 'there' }
  | { state: 'making'; seconds: number; why: string }
  /** The old fleet has lost instances, and could not carry its weight if others were removed now. */
  | { state: 'short'; seconds: number; why: string }
  | { state: 'none'; why: string };

/** Makes room for the instances that `step` needs: if `maxExtra` leaves too little, removes old instances that the old slot's weight does not need. */
export const makeRoom = async (
  ports: Needs,
  { row, plan, service }: Entered,
  targets: Targets,
  { step, demand, isLate }: { step: number; demand: number; isLate: boolean },
): Promise<Room> => {
  const { slot, kind } = plan.old;
  const fresh = targetCount(plan, step, demand);
  const most = instanceLimit(plan, demand);
  if (kind === 'none' || most === Number.POSITIVE_INFINITY) return { state: 'there' };
  // Every instance that still runs takes room, including those that drain or are ending.
  const fleet = await ports.fleet.observe(service, slot);
  const running = runningIn(fleet);
  if (Math.max(running, inService(targets[slot]).length) + fresh <= most) return { state: 'there' };
  const keeps = oldCount(plan, step, demand);
  const why = `${slot} keeps ${keeps} of its instances, so that no more than ${most} run together`;
  if (keeps + fresh > most)
    return {
      state: 'none',
      why: `${fresh} new instances beside the ${keeps} that ${slot} needs are more than the ${most} that maxExtra allows, at a demand of ${demand}`,
    };
  // Until every node has the new weights, the old fleet may still get all the traffic.
  const wait = untilInForce(row, ports.now());
  if (wait > 0) return { state: 'making', seconds: Math.min(wait / 1000, pollSeconds(service)), why };
  // After the time limit, an instance that cannot be replaced must not hold up a fix.
  const carrying = isLate ? 0 : needed(demand, row.wanted.weights[slot]);
  const { left, short } = await ports.fleet.shrink(service, slot, keeps, carrying);
  if (short === true) {
    await replaceUnhealthy(ports, service, slot, keeps, fleet, targets[slot]);
    // Replacements of its lost instances may not serve yet.
    await growBack(ports, row, plan, keeps);
    return {
      state: 'short',
      seconds: pollSeconds(service),
      why: `${slot} has lost instances; they are replaced before others are removed`,
    };
  }
  return left === 0 ? { state: 'there' } : { state: 'making', seconds: pollSeconds(service), why };
};
