/** What an admission looks at before it lets a release in: image, rules, slots, template, alarms. The answer is a plan, or why there is none. */
import type { Service } from '../core/configuration.ts';
import { Rejected } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { oldSlotOf, planOf } from '../core/planning.ts';
import { refusal } from '../core/releases.ts';
import { otherSlot, type Publication, type Row, type Slot, slots } from '../core/row.ts';
import { agrees } from './apply.ts';
import { lookAtFleets, lookAtTargets } from './observe.ts';
import type { FleetView, Ports, TargetHealth } from './ports.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'traffic' | 'metrics' | 'images' | 'now'>;

/** The plan; or, as a sentence, why this publication cannot be rolled out. */
export const planOrReason = async (
  ports: Needs,
  row: Row,
  service: Service,
  publication: Publication,
): Promise<Plan | string> => {
  const what = publication.image.reference;
  try {
    const found = await ports.images.find(service, what);
    const records = await ports.ledger.records(row.service, publication.release);
    const reason = refusal(found === null ? null : publication, row, records, { what, service });
    return reason ?? (await planFor(ports, row, service, publication));
  } catch (error) {
    // What AWS has is not what the configuration needs (a rule gone, a repository, a template that cannot work): no retry mends that.
    if (error instanceof Rejected) return error.message;
    throw error;
  }
};

/** A slot to which a rule outside the configuration leads could never be emptied: nobody here may take that rule's weight away. */
const refuseForeignRules = async ({ traffic }: Needs, service: Service): Promise<void> => {
  const naming = await Promise.all(slots.map((slot) => traffic.rulesNaming(service, slot)));
  const foreign = naming.flat().find(({ rule, weight }) => weight > 0 && !service.rules.includes(rule));
  if (foreign !== undefined)
    throw new Rejected(
      `${foreign.rule} leads to a slot of ${service.name} and is not among its rules: add it to \`rules\`, or take its weight away`,
    );
};

/** What already stands in the slot would be taken for the new fleet, and get its users. */
const refuseStrangers = (slot: Slot, targets: TargetHealth[], { instances }: FleetView): void => {
  const ours = new Set(instances.map(({ id }) => id));
  const strangers = targets.filter(({ id, state }) => state !== 'draining' && !ours.has(id));
  if (strangers.length > 0)
    throw new Rejected(
      `${slot} is to take the new fleet and holds ${strangers.length} targets that are not this service's (${strangers[0]?.id}): deregister them`,
    );
};

const planFor = async (ports: Needs, row: Row, service: Service, publication: Publication): Promise<Plan> => {
  const [fleets, targets, template, alarms, rules] = await Promise.all([
    lookAtFleets(ports, service),
    lookAtTargets(ports, service),
    ports.fleet.template(service),
    ports.metrics.alarms(service.checks.alarms),
    ports.traffic.weights(service),
    refuseForeignRules(ports, service),
  ]);
  const slot = oldSlotOf(row);
  refuseStrangers(otherSlot(slot), targets[otherSlot(slot)], fleets[otherSlot(slot)]);
  if (row.live === null && !agrees(rules, row.wanted.weights))
    throw new Rejected(
      `the rules of ${service.name} do not agree on one slot, so nobody can tell which fleet is to be replaced: give one of them all the weight on every rule`,
    );
  const ids = new Set(fleets[slot].instances.filter(({ state }) => state === 'running').map(({ id }) => id));
  const foreign = targets[slot].filter(({ id, state }) => state !== 'draining' && !ids.has(id)).length;
  return planOf({
    service,
    publication,
    row,
    observed: { ours: ids.size, foreign },
    template,
    alarmsOn: alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name),
    now: ports.now(),
  });
};
