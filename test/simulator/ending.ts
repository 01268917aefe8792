/** Checks the end of a play: rule 10, every publication accounted for, scaling bounds as found. */

import { otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { AttemptRecord, Publication } from '../../core/release/publications.ts';
import { releaseNamed } from '../build.ts';
import { publishes } from './acts.ts';
import { type Fault, kinds } from './faults.ts';
import type { Scenario } from './scenario.ts';
import { isUp, type Stage } from './stage.ts';

/** What each group scales within. */
export type Bounds = Record<Slot, { min: number; max: number; suspended: string[] }> | null;

export const boundsOf = ({ cloud, service: { fleet } }: Stage): Bounds => {
  if (fleet.kind !== 'groups') return null;
  const of = (slot: Slot) => {
    const { min = 0, max = 0, suspended = [] } = cloud.world.autoScalingGroups.get(fleet[slot]) ?? {};
    return { min, max, suspended: [...suspended].sort() };
  };
  return { blue: of('blue'), green: of('green') };
};

/** Rule 10, as far as it can be seen; empty: everything is at rest. */
export const notAtRest = ({ cloud, service, statuses, counts }: Stage, row: Row): string[] => {
  const found: string[] = [];
  const { world } = cloud;
  if ([...statuses.values()].includes('RUNNING')) found.push('R10: an execution runs');
  if (row.lock.state !== 'free' || row.phase !== 'free' || row.next !== null)
    found.push(
      `R10: the row is ${row.lock.state}, its phase ${row.phase}${row.next === null ? '' : ', and one waits'}`,
    );
  const { live } = row;
  if (live === null) return [...found, 'R10: nothing is live'];
  const idle = otherSlot(live.slot);
  for (const arn of service.rules) {
    const weights = world.effectiveWeights(arn);
    const of = (slot: Slot) => weights.find(({ targetGroup }) => targetGroup === service.slots[slot])?.weight ?? 0;
    if (of(live.slot) !== 100 || of(idle) !== 0)
      found.push(`R10: a rule gives blue ${of('blue')} and green ${of('green')}, live is ${live.slot}`);
  }
  const up = [...world.instances.values()].filter(isUp);
  const others = up.filter(
    ({ tags }) => tags['cutover:release'] !== live.release || tags['cutover:slot'] !== live.slot,
  );
  if (others.length > 0) found.push(`R10: ${others.length} instances are left beside ${live.release} in ${live.slot}`);
  const serving = world.targetGroups.get(service.slots[live.slot]);
  const good = [...(serving === undefined ? [] : world.targetsNow(serving).values())].filter(
    ({ state, gone }) => gone === Infinity && state === 'healthy',
  );
  const serve = up.length - others.length;
  // Numbered instances follow a number that grows at once, and one that falls with the next rollout; a group follows its own.
  const least = service.fleet.kind === 'instances' ? counts.now : counts.least;
  if (serve < least || serve > counts.most || good.length !== serve)
    found.push(
      `R10: ${serve} run of ${least === counts.most ? least : `${least} to ${counts.most}`} in ${live.slot}, ${good.length} of them as they should`,
    );
  const left = world.targetGroups.get(service.slots[idle]);
  if (left !== undefined && world.targetsNow(left).size > 0) found.push(`R10: ${idle} has targets left`);
  return found;
};

/** The minimum and whether schedules run go with the traffic; all else stays with its group. */
export const boundsMoved = (found: Bounds, now: Bounds, live: Slot, least: number): string[] => {
  if (found === null || now === null) return [];
  const from = (slot: Slot): Slot => (live === 'blue' ? slot : otherSlot(slot));
  return slots.flatMap((slot) => {
    const wanted = { ...found[slot], min: found[from(slot)].min };
    // A group that somebody has made smaller has a smaller minimum: then the next one has it, or the one that was found at admission.
    const same = [wanted.min, Math.min(wanted.min, least)].some(
      (min) => JSON.stringify(now[slot]) === JSON.stringify({ ...wanted, min }),
    );
    return same ? [] : [`R10: ${slot} scales within ${JSON.stringify(now[slot])}, not ${JSON.stringify(wanted)}`];
  });
};

/** Rule 6. What waits or holds at the end is not at rest, and told elsewhere. */
export const unaccounted = (
  publications: ReadonlyMap<string, Publication>,
  records: readonly AttemptRecord[],
): string[] =>
  [...publications.values()].flatMap(({ release, attempt }) => {
    const [record] = records.filter((one) => one.release === release && one.attempt === attempt);
    if (record !== undefined)
      return record.reason === '' ? [`R6: ${release} attempt ${attempt} ended for no reason`] : [];
    // Merged into an attempt of the same release, or published again while that was under way.
    return records.some((one) => one.release === release)
      ? []
      : [`R6: nothing is on record of ${release} attempt ${attempt}`];
  });

/** Attempts that nobody has asked for. */
export const unasked = (records: readonly AttemptRecord[], scenario: Scenario, struck: readonly Fault[]): string[] => {
  const asked = struck.some(({ kind }) => /^(redriven|startedAnew)/.test(kind));
  const begun = records.filter(
    ({ release, reason }) => release === releaseNamed('v2') && !reason.includes('before it was admitted'),
  );
  // Published again after it stepped aside for a newer one, or never admitted.
  if (asked || publishes(scenario) || begun.length <= 1) return [];
  return [`R9: ${begun.length} attempts were made, and nobody has asked for one`];
};

/** How it has to end where nothing struck that may end it otherwise; null: as it may. */
export const expected = ({ image, policy, acts }: Scenario, struck: readonly Fault[]): string | null => {
  if (struck.some(({ kind }) => kinds[kind].ends) || acts.length > 0) return null;
  if (policy === 'asked') return 'failed';
  if (image === 'failing') return policy === 'atOnce' || policy === 'small' ? null : 'failed';
  return image === 'neverHealthy' ? 'failed' : 'live';
};
