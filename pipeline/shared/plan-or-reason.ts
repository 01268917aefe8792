/** Checks image, rules, slots, template and alarms before a release is admitted. Returns a plan, or the reason for a refusal. */
import { Rejected } from '../../core/basics/errors.ts';
import { findingText } from '../../core/basics/finding.ts';
import { isSameImage } from '../../core/basics/image.ts';
import { otherSlot, type Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { maxExtraProblem } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { oldSlotOf, planOf } from '../../core/plan/planning.ts';
import { limitsBefore } from '../../core/plan/scaling-bounds.ts';
import type { Row } from '../../core/protocol/row.ts';
import { type Publication, refusal } from '../../core/release/publications.ts';
import type { FleetView } from '../ports/fleet.ts';
import type { Ports } from '../ports/ports.ts';
import { capacityProblems, disagreement, foreignRules, missingAlarms, unknownTargets } from './admission-findings.ts';
import { lookAtFleets } from './fleets.ts';
import { lookAtTargets } from './targets.ts';
import { lookAtTrafficBefore } from './traffic-before.ts';

type Needs = Pick<Ports, 'ledger' | 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'images' | 'now'>;

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
    // By its registry, not by what was persisted: the registry has one image under this reference.
    const isIt = found !== null && isSameImage(found, publication);
    const reason = refusal(isIt ? publication : null, row, records, { what, service });
    return reason ?? (await planFor(ports, row, service, publication));
  } catch (error) {
    // The account does not have what the configuration needs (a missing rule or repository, an unusable template). A retry does not help.
    if (error instanceof Rejected) return error.message;
    throw error;
  }
};

const planFor = async (ports: Needs, row: Row, service: Service, publication: Publication): Promise<Plan> => {
  const slot = oldSlotOf(row);
  const fresh = otherSlot(slot);
  const now = ports.now();
  const [fleets, targets, template, alarms, rules, foreign, before] = await Promise.all([
    lookAtFleets(ports, service),
    lookAtTargets(ports, service),
    ports.fleet.template(service, fresh),
    ports.metrics.alarms(service.checks.alarms),
    ports.traffic.weights(service),
    foreignRules(ports, service),
    lookAtTrafficBefore(ports, service, slot, now),
  ]);
  const ids = new Set(fleets[slot].instances.filter(({ state }) => state === 'running').map(({ id }) => id));
  const others = targets[slot].filter(({ id, state }) => state !== 'draining' && !ids.has(id)).length;
  const plan = planOf({
    service,
    publication,
    row,
    observed: { ours: ids.size, foreign: others },
    limits: limitsOf(row, fleets, service, now),
    template,
    alarmsOn: alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name),
    ...before,
    now,
  });
  const tight = maxExtraProblem(plan, plan.old.count);
  const problems = [
    ...foreign,
    ...unknownTargets(fresh, targets[fresh], fleets[fresh]),
    ...disagreement(row, service, rules),
    ...missingAlarms(service, alarms),
    ...(tight === null ? [] : [{ problem: tight, remedy: '' }]),
    ...(await capacityProblems(ports, service, slot, template, plan.old.kind === 'none' ? 0 : plan.old.count)),
  ];
  if (problems.length > 0) throw new Rejected(problems.map(findingText).join('; '));
  return plan;
};

/** Null if the fleet has none. */
const limitsOf = (row: Row, { blue, green }: Record<Slot, FleetView>, service: Service, now: number): Plan['limits'] =>
  blue.limits === null || green.limits === null
    ? null
    : limitsBefore({ blue: blue.limits, green: green.limits }, row, service.timing.settling, now);
