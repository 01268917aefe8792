/** Checks from the true state that the service is safe: fleets with weight answer, and somebody is in charge. */

import { type Slot, slots } from '../../core/basics/slot.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Stage } from './stage.ts';

/** What is to stay of a fleet, or be there of one: as capacity has it, worked out here once more. */
export const needed = (count: number, weight: number): number =>
  weight === 0 ? 0 : Math.max(Math.min(2, count), Math.ceil((count * weight) / 100));

/** How many of a slot's targets answer, whatever anybody has seen of them. */
export const answering = ({ cloud: { world }, service }: Pick<Stage, 'cloud' | 'service'>, slot: Slot): number => {
  const group = world.targetGroups.get(service.slots[slot]);
  return [...(group === undefined ? [] : world.targetsNow(group).values())].filter(
    ({ gone, instance }) => gone === Number.POSITIVE_INFINITY && instance.answers,
  ).length;
};

/** In words; null: it is safe. A fleet with one of four gone is degraded, and carries its traffic. */
export const unsafe = (stage: Stage, row: Row): string | null => {
  const { cloud, service, statuses } = stage;
  const weightOf = (slot: Slot): number =>
    Math.max(
      ...service.rules.flatMap((arn) =>
        cloud.world
          .effectiveWeights(arn)
          .filter(({ targetGroup }) => targetGroup === service.slots[slot])
          .map(({ weight }) => weight),
      ),
    );
  for (const slot of slots) {
    const [weight, there] = [weightOf(slot), answering(stage, slot)];
    if (there * 4 < needed(stage.counts.least, weight) * 3) return `${there} answer ${weight} % in ${slot}`;
    if (row.phase === 'rollingBack' && row.wanted.weights[slot] === 0 && weight > 0) return 'weights are on their way';
  }
  if (row.lock.state === 'reserved') return 'nobody has begun what is reserved';
  if (row.lock.state === 'held' && statuses.get(row.lock.execution) !== 'RUNNING') return 'the holder has ended';
  return null;
};
