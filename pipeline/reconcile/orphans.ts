/** Removes orphaned instances at rest: they have the service's tags, belong to no fleet and serve no requests. */

import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import {
  type AtRest,
  type Leading,
  type OrphanSweep,
  orphanSweeps,
  possibleOrphans,
  slotSweep,
  slotsToEmpty,
} from '../../core/fleet/orphans.ts';
import { isSettling } from '../../core/plan/scaling-bounds.ts';
import { untilInForce } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { lookAtFleets } from '../shared/fleets.ts';
import { lookAtTargets } from '../shared/targets.ts';
import { claim } from './claim.ts';
import { recordProblem } from './problem.ts';
import type { Part } from './run-parts.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'now'>;

export const orphans: Part = async (ports, { row, service }) => {
  const done: string[] = [];
  for (const text of await sweep(ports, service)) done.push(await recordProblem(ports, row, text, text));
  return done;
};

/** One limited step. Returns a sentence for each finding. */
const sweep = async (ports: Needs, service: Service): Promise<string[]> => {
  // Instances are read before the row. So every instance seen here was launched by somebody whom the row, which is read later, already knows.
  const [kept, own] = await Promise.all([lookAtFleets(ports, service), ports.fleet.own(service)]);
  const row = await ports.ledger.row(service.name);
  if (row === null || !isAtRest(row, service, ports.now())) return [];
  const said: string[] = [];
  for (const sweeping of await lookCloser(ports, service, { row, fleet: service.fleet, kept, own })) {
    if (sweeping.act !== 'nothing') {
      // One row can be claimed once. A second removal waits for the next run.
      if (!(await claim(ports, row))) continue;
      if (sweeping.act === 'empty') await ports.fleet.remove(service, sweeping.slot);
      else await ports.fleet.evict(service, sweeping.ids);
    }
    said.push(sweeping.text);
  }
  return said;
};

/** Nobody holds the service or waits for it, and no ended function can still act. */
const isAtRest = (row: Row, { timing: { settling } }: Service, now: number): boolean =>
  row.lock.state === 'free' &&
  row.next === null &&
  untilInForce(row, now, settling * 1000) === 0 &&
  !isSettling(row, settling, now);

/** Targets and rules are read only if there may be orphans, which is rare. */
const lookCloser = async (ports: Needs, service: Service, seen: AtRest): Promise<OrphanSweep[]> => {
  const left = slotsToEmpty(seen);
  const areSuspect = possibleOrphans(seen).length > 0;
  if (left.length === 0 && !areSuspect) return [];
  const rules = await ports.traffic.rulesNaming(service);
  const leadingTo = (slot: Slot): string[] => rules.filter(({ weights }) => weights[slot] > 0).map(({ rule }) => rule);
  const leading: Leading = { blue: leadingTo('blue'), green: leadingTo('green') };
  return [
    ...left.map((slot) => slotSweep(seen, slot, leading)),
    ...(areSuspect ? orphanSweeps(seen, await lookAtTargets(ports, service), leading) : []),
  ];
};
