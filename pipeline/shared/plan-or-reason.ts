/** What an admission looks at before it lets a release in: image, rules, slots, template, alarms. The answer is a plan, or why there is none. */

import { Rejected, Unreadable } from '../../core/basics/errors.ts';
import { type Finding, findingText } from '../../core/basics/finding.ts';
import { otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { tooTight } from '../../core/plan/capacity.ts';
import type { Plan, Template, Traffic } from '../../core/plan/plan.ts';
import { oldSlotOf, planOf } from '../../core/plan/planning.ts';
import { limitsBefore } from '../../core/plan/scaling-bounds.ts';
import type { Row } from '../../core/protocol/row.ts';
import { type Publication, refusal } from '../../core/release/publications.ts';
import type { FleetView } from '../ports/fleet.ts';
import type { AlarmView, SlotCounts } from '../ports/metrics.ts';
import type { Ports } from '../ports/ports.ts';
import type { RuleWeights, TargetHealth } from '../ports/traffic.ts';
import { agrees } from './apply-weights.ts';
import { lookAtFleets, lookAtTargets } from './observe.ts';

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
    const reason = refusal(found === null ? null : publication, row, records, { what, service });
    return reason ?? (await planFor(ports, row, service, publication));
  } catch (error) {
    // What AWS has is not what the configuration needs (a rule gone, a repository, a template that cannot work): no retry mends that.
    if (error instanceof Rejected) return error.message;
    throw error;
  }
};

/** A slot to which a rule outside the configuration leads could never be emptied: nobody here may take that rule's weight away. */
export const foreignRules = async ({ traffic }: Pick<Ports, 'traffic'>, service: Service): Promise<Finding[]> => {
  const naming = await traffic.rulesNaming(service);
  return naming
    .filter(({ rule, weights }) => slots.some((slot) => weights[slot] > 0) && !service.rules.includes(rule))
    .map(({ rule }) => ({
      problem: `${rule} leads to a slot of ${service.name} and is not among its rules`,
      remedy: 'add it to `rules`, or take its weight away',
    }));
};

/** What already stands in the slot would be taken for the new fleet, and get its users. */
export const strangers = (slot: Slot, targets: TargetHealth[], { instances }: FleetView): Finding[] => {
  const ours = new Set(instances.map(({ id }) => id));
  const found = targets.filter(({ id, state }) => state !== 'draining' && !ours.has(id));
  return found.length === 0
    ? []
    : [
        {
          problem: `${slot} is to take the new fleet and holds ${found.length} targets that are not this service's (${found[0]?.id})`,
          remedy: 'deregister them',
        },
      ];
};

/** A misspelt alarm would watch nothing. */
export const missingAlarms = ({ checks }: Service, found: AlarmView[]): Finding[] =>
  checks.alarms
    .filter((alarm) => !found.some(({ name }) => name === alarm))
    .map((alarm) => ({ problem: `there is no alarm ${alarm}`, remedy: 'make it, or take it out of checks.alarms' }));

/** `number`: how many instances serve now. */
export const capacityProblems = async (
  { preflight }: Pick<Ports, 'preflight'>,
  service: Service,
  old: Slot,
  template: Template,
  number: number,
): Promise<Finding[]> => {
  const count = number || service.fleet.count;
  const extra = number === 0 || service.maxExtra === null ? count : Math.min(count, service.maxExtra);
  return preflight(service, { old, new: otherSlot(old), count, extra, template });
};

const planFor = async (ports: Needs, row: Row, service: Service, publication: Publication): Promise<Plan> => {
  const slot = oldSlotOf(row);
  const fresh = otherSlot(slot);
  const now = ports.now();
  const [fleets, targets, template, alarms, rules, foreign, series, times] = await Promise.all([
    lookAtFleets(ports, service),
    lookAtTargets(ports, service),
    ports.fleet.template(service, fresh),
    ports.metrics.alarms(service.checks.alarms),
    ports.traffic.weights(service),
    foreignRules(ports, service),
    unlessUnreadable(ports.metrics.series(service, now - hour, now), { blue: [], green: [] }),
    unlessUnreadable(ports.metrics.times(service, slot, shares, now - hour, now), []),
  ]);
  const ids = new Set(fleets[slot].instances.filter(({ state }) => state === 'running').map(({ id }) => id));
  const others = targets[slot].filter(({ id, state }) => state !== 'draining' && !ids.has(id)).length;
  const traffic = trafficIn(series[slot], service, now);
  const plan = planOf({
    service,
    publication,
    row,
    observed: { ours: ids.size, foreign: others },
    limits: limitsOf(row, fleets, service, now),
    template,
    alarmsOn: alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name),
    traffic,
    times: telling(
      times,
      series[slot].reduce((sum, one) => sum + one.requests, 0),
    ),
    now,
  });
  const tight = tooTight(plan, plan.old.count);
  const problems = [
    ...foreign,
    ...strangers(fresh, targets[fresh], fleets[fresh]),
    ...disagreement(row, service, rules),
    ...missingAlarms(service, alarms),
    ...(tight === null ? [] : [{ problem: tight, remedy: '' }]),
    ...(await capacityProblems(ports, service, slot, template, plan.old.kind === 'none' ? 0 : plan.old.count)),
  ];
  if (problems.length > 0) throw new Rejected(problems.map(findingText).join('; '));
  return plan;
};

/** On a service's first rollout nobody has said yet which fleet is to be replaced. */
export const disagreement = (row: Row, { name }: Service, rules: RuleWeights[]): Finding[] =>
  row.live !== null || agrees(rules, row.wanted.weights)
    ? []
    : [
        {
          problem: `the rules of ${name} do not agree on one slot, so nobody can tell which fleet is to be replaced`,
          remedy: 'give one of them all the weight on every rule',
        },
      ];

const hour = 3_600_000;

/** A rollout begins without them all the same: its own figures are asked for at each weight, and whoever answers then is believed. */
const unlessUnreadable = <T>(asked: Promise<T>, otherwise: T): Promise<T> =>
  asked.catch((error) => {
    if (error instanceof Unreadable) return otherwise;
    throw error;
  });

/** What the middle, the slow and the slowest answers take. */
const shares = [0.5, 0.9, 0.99];

/** Seconds, for a service of which nobody knows better: any time that is fixed beforehand is a fair one, its own ones find more. */
const usualTimes = [0.25, 1, 4];

/** A percentile with fewer than ten answers beyond it says nothing. */
const telling = (times: readonly number[], requests: number): number[] => {
  const own = times.filter((_, index) => requests * (1 - (shares[index] ?? 1)) >= 10);
  return own.length > 0 ? own : usualTimes;
};

/** Per period, over the periods of the last hour that are settled. A period without requests is absent, and counts as one all the same. */
const trafficIn = (series: SlotCounts[], { timing }: Service, now: number): Traffic | null => {
  const [first] = series;
  if (first === undefined) return null;
  const periods = Math.max(1, Math.round((now - timing.settling * 1000 - first.at) / (timing.period * 1000)));
  const requests = series.reduce((sum, one) => sum + one.requests, 0);
  const bad = series.reduce((sum, one) => sum + one.errors + one.connectionErrors, 0);
  return { requests: requests / periods, errors: Math.min(1, bad / Math.max(1, requests)) };
};

/** Null where the fleet has none. */
const limitsOf = (row: Row, { blue, green }: Record<Slot, FleetView>, service: Service, now: number): Plan['limits'] =>
  blue.limits === null || green.limits === null
    ? null
    : limitsBefore({ blue: blue.limits, green: green.limits }, row, service.timing.settling, now);
