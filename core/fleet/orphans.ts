/** Finds orphaned instances, which have a service's tags and are in no fleet, and decides what is done about each. */

import { otherSlot, type Slot, slots } from '../basics/slot.ts';
import type { FleetConfiguration } from '../config/service.ts';
import type { Row } from '../protocol/row.ts';

/** An instance with the service's tags that runs or will run, and that belongs to no Auto Scaling group. */
export interface Own {
  id: string;
  /** Null: its tag names neither slot. */
  slot: Slot | null;
  release: string;
  /** Null: it has no number tag. */
  number: number | null;
  launchedAt: number;
}

/** The instances of a slot: how many it should have, and the release of each if Cutover launched it. */
export interface Kept {
  number: number;
  instances: readonly { id: string; state: string; release: string | null }[];
}

export interface Target {
  id: string;
  state: string;
}

/** What is seen of a service at rest. */
export interface AtRest {
  row: Pick<Row, 'live' | 'wanted'>;
  fleet: FleetConfiguration;
  kept: Record<Slot, Kept>;
  own: readonly Own[];
}

/** The rules that give each slot weight, of this service or of others. */
export type Leading = Record<Slot, readonly string[]>;

/** One limited removal and the sentence about it. `nothing`: the instances stay. */
export type OrphanSweep =
  | { act: 'empty'; slot: Slot; text: string }
  | { act: 'evict'; ids: string[]; text: string }
  | { act: 'nothing'; text: string };

/**
 * Slots that should be empty: the idle one; while nothing is live, each slot whose group has launched only our instances. A numbered fleet
 * is then removed instance by instance, because its target group may hold other targets.
 */
export const slotsToEmpty = ({ row: { live }, fleet, kept }: AtRest): Slot[] => {
  if (live !== null) {
    const idle = otherSlot(live.slot);
    return standingIn(kept[idle]) > 0 || kept[idle].number > 0 ? [idle] : [];
  }
  if (fleet.kind === 'instances') return [];
  return slots.filter(
    (slot) =>
      standingIn(kept[slot]) > 0 &&
      kept[slot].instances.every(({ state, release }) => isGone(state) || release !== null),
  );
};

/**
 * Instances that, by their tags alone, may belong to no fleet: another release, no slot, a number above the count, or a number twice.
 * Slots that are emptied as a whole are handled above. A group's own instances are never orphans.
 *
 *     live is a in blue, of 2: a blue 1, a blue 2 → none     a blue 2 again, b blue 1, a in no slot → those     a blue 3 → that
 */
export const possibleOrphans = ({ row: { live }, fleet, own }: AtRest): Own[] => {
  if (live === null || fleet.kind === 'groups') return [...own];
  const numbers = own.filter((one) => isOf(live, one)).map(({ number }) => number);
  return own
    .filter(({ slot }) => slot !== otherSlot(live.slot))
    .filter(
      (one) =>
        !isOf(live, one) ||
        !isNumber(one.number, fleet.count) ||
        numbers.filter((number) => number === one.number).length > 1,
    );
};

/** What to do about a slot. */
export const slotSweep = ({ row, kept }: AtRest, slot: Slot, { [slot]: leads }: Leading): OrphanSweep => {
  const why = row.live === null ? 'and nothing is live' : 'which is idle';
  const what = `${standingIn(kept[slot])} instances run in ${slot}, ${why}`;
  if (leads[0] !== undefined) return { act: 'nothing', text: `${what}, but ${leads[0]} leads to it: they stay` };
  if (row.wanted.weights[slot] > 0)
    return { act: 'nothing', text: `${what}, but it is about to get traffic: they stay` };
  return { act: 'empty', slot, text: `${what}: they are being removed` };
};

/** What happens to orphaned instances, in words for people. */
const fates = {
  serves: 'left running, because they are in a slot with weight',
  beside: 'left running, because Cutover did not launch them: terminate them, or remove their cutover tags',
  waits: 'left running until the live fleet is complete',
  leaves: 'taken out of traffic',
  ends: 'being ended',
};
type Fate = keyof typeof fates;

/**
 * What to do about possible orphans, now that targets and rules are known. In a slot with weight they stay: in the live one, until its fleet
 * is complete without them. An instance beside groups was launched, or detached for inspection, by a person: it is only taken out of the
 * traffic of another release.
 */
export const orphanSweeps = (
  seen: AtRest,
  targets: Record<Slot, readonly Target[]>,
  leading: Leading,
): OrphanSweep[] => {
  const { live, wanted } = seen.row;
  const isNumbered = seen.fleet.kind === 'instances';
  const fleet = live === null ? [] : fleetOf(seen, live, targets[live.slot]);
  const isWaiting = live !== null && !isWhole(seen, live.slot, fleet, targets[live.slot]);
  const isIn = (slot: Slot, { id }: Own): boolean => targets[slot].some((target) => target.id === id);
  const hasWeight = (slot: Slot): boolean => leading[slot].length > 0 || wanted.weights[slot] > 0;
  const fateOf = (one: Own): Fate => {
    if (slots.some((slot) => slot !== live?.slot && hasWeight(slot) && (one.slot === slot || isIn(slot, one))))
      return 'serves';
    const isOfLive = (slot: Slot): boolean => slot === live?.slot && one.release === live.release;
    if (!isNumbered && !slots.some((slot) => isIn(slot, one) && !isOfLive(slot))) return 'beside';
    if (isWaiting) return 'waits';
    return isNumbered ? 'ends' : 'leaves';
  };
  const outside = possibleOrphans(seen)
    .filter(({ id }) => !fleet.includes(id))
    .toSorted(byAge);
  return Object.entries(fates).flatMap(([fate, words]) => {
    const ids = outside.filter((one) => fateOf(one) === fate).map(({ id }) => id);
    if (ids.length === 0) return [];
    const text = `${whom(ids)}: ${words}`;
    return [fate === 'ends' || fate === 'leaves' ? { act: 'evict', ids, text } : { act: 'nothing', text }];
  });
};

const isGone = (state: string): boolean => state === 'gone';

/** All instances that have not ended, including those that drain or are ending. */
const standingIn = ({ instances }: Kept): number => instances.filter(({ state }) => !isGone(state)).length;

const isOf = (live: { slot: Slot; release: string }, { slot, release }: Own): boolean =>
  slot === live.slot && release === live.release;

const isNumber = (number: number | null, most: number): boolean => number !== null && number >= 1 && number <= most;

/** The same order for every caller: instances of the same age are sorted by id. */
const byAge = (a: Own, b: Own): number => a.launchedAt - b.launchedAt || (a.id < b.id ? -1 : 1);

/** Ids of the live fleet: of each number the healthy instance, or the oldest; above a lowered count, the instances that serve. */
const fleetOf = (
  { own, fleet }: AtRest,
  live: { slot: Slot; release: string },
  targets: readonly Target[],
): string[] => {
  if (fleet.kind === 'groups') return [];
  const stateOf = ({ id }: Own): string | undefined => targets.find((target) => target.id === id)?.state;
  const members = own
    .filter((one) => isOf(live, one) && isNumber(one.number, Number.POSITIVE_INFINITY))
    .filter((one) => isNumber(one.number, fleet.count) || stateOf(one) !== undefined)
    .toSorted((a, b) => Number(stateOf(b) === 'healthy') - Number(stateOf(a) === 'healthy') || byAge(a, b));
  const first = new Map<number | null, string>();
  for (const { number, id } of members) if (!first.has(number)) first.set(number, id);
  return [...first.values()];
};

/** Whether the live fleet has all its healthy instances, counting only its own members. */
const isWhole = ({ fleet, kept, own }: AtRest, slot: Slot, numbered: string[], targets: readonly Target[]): boolean => {
  const isHealthy = (id: string): boolean => targets.some((target) => target.id === id && target.state === 'healthy');
  if (fleet.kind === 'instances') {
    const within = own.filter(({ id, number }) => numbered.includes(id) && isNumber(number, fleet.count));
    return within.length === fleet.count && within.every(({ id }) => isHealthy(id));
  }
  const { number, instances } = kept[slot];
  const members = instances.filter(({ id, state }) => state === 'running' && isHealthy(id));
  return number > 0 && members.length >= number;
};

/** At most this many are named in a sentence. */
const mostNamed = 3;

const whom = (ids: readonly string[]): string => {
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
  const are = ids.length === 1 ? 'is an orphaned instance' : 'are orphaned instances';
  return `${ids.slice(0, mostNamed).join(', ')}${more} ${are}`;
};
