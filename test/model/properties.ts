/** The properties that hold in every state, and the definition of rest. */
import { fullSlot, otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import { hasFleet, type World, weightOn } from './world.ts';

export const flawOf = (world: World): string | null =>
  world.flaw ?? flawOfTraffic(world) ?? flawOfRow(world) ?? flawOfHolder(world) ?? flawOfSleeper(world);

const flawOfTraffic = ({ rules, fleets }: World): string | null => {
  for (const slot of slots)
    if (fleets[slot] === 'removed' && rules.some((green) => weightOn(slot, green) > 0))
      return `a rule gives weight to ${slot}, which Cutover has emptied`;
  return null;
};

const flawOfRow = ({ row, fleets }: World): string | null => {
  const { weights } = row.wanted;
  const { plan } = row;
  const doomed: Slot | null = row.phase === 'committed' && plan !== null ? plan.old.slot : row.condemned;
  if (doomed !== null && weights[doomed] > 0) return `${doomed} is to be removed, and the row gives it weight`;
  if (plan !== null && row.step === 0 && plan.old.kind !== 'none' && weights[plan.new.slot] > 0)
    return `${plan.new.slot} is given weight before it has passed its checks`;
  if (row.lock.state === 'held') return null;
  const idle = otherSlot(fullSlot(weights));
  if (weights[idle] > 0) return 'nobody holds the service, and both slots have weight';
  return hasFleet(fleets[idle]) ? `nobody holds the service, and a fleet is left in ${idle}` : null;
};

const flawOfHolder = ({ row, executions }: World): string | null => {
  for (const { name, running, current } of executions)
    if (running && current && !(row.lock.state === 'held' && row.lock.execution === name))
      return `${name} acts on a service that it does not hold`;
  return null;
};

/** Whoever aborts also wakes, so an abort is slept over only while its waker is still on the way. */
const flawOfSleeper = ({ row, executions, calls }: World): string | null => {
  const sleeper = executions.find(({ running, asleep, current }) => running && asleep && current);
  if (sleeper === undefined || calls.some(({ memory, at }) => memory.after === 'wake' || at === 'wake')) return null;
  if (row.abort !== null) return `${sleeper.name} sleeps, and nobody will wake it to the abort`;
  return row.phase === 'preparing' && row.signals.length > 0
    ? `${sleeper.name} sleeps, and nobody will wake it to the answer`
    : null;
};

export const isAtRest = ({ row, rules, executions, calls }: World): boolean =>
  row.lock.state === 'free' &&
  row.next === null &&
  calls.length === 0 &&
  executions.every(({ running }) => !running) &&
  rules.every((green) => green === row.wanted.weights.green);
