/** Doctor's findings that an admission of the next image would refuse. */
import { type Slot, slots } from '../../../core/basics/slot.ts';
import {
  capacityProblems,
  disagreement,
  foreignRules,
  missingAlarms,
  unknownTargets,
} from '../../shared/admission-findings.ts';
import { type Entry, entry, findings } from './entry.ts';

/** The same checks as in an admission. */
export const admission: Entry<unknown>[] = [
  findings('rules', ({ facts }) => facts.problems),
  findings('weights', async ({ facts, sound, row, service, ports }) =>
    sound && facts.rules.length > 0 ? disagreement(row, service, await ports.traffic.weights(service)) : [],
  ),
  findings('rules of others', async ({ sound, service, ports }) => (sound ? foreignRules(ports, service) : [])),
  entry<Slot>({
    name: 'slots',
    observe: ({ facts }) => slots.filter((slot) => facts.targetGroups[slot] === null),
    problem: (slot, { service }) => `there is no target group ${service.slots[slot]}`,
    remedy: (slot) => `correct slots.${slot}, or make it`,
  }),
  findings('targets of others', async ({ sound, service, fresh, ports }) =>
    sound
      ? unknownTargets(fresh, await ports.traffic.health(service, fresh), await ports.fleet.observe(service, fresh))
      : [],
  ),
  findings('alarms', async ({ service, alarms }) => missingAlarms(service, await alarms())),
  findings('launch template', ({ unusable }) => unusable),
  findings('fleet, quotas, addresses and zones', async ({ service, old, template, ports }) => {
    const { number } = await ports.fleet.observe(service, old);
    return capacityProblems(ports, service, old, template ?? { id: '', version: '', types: [] }, number);
  }),
];
