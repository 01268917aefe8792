/** Finds the reasons for which an admission refuses a service, each with its remedy. `cutover doctor` shows the same. */
import type { Finding } from '../../core/basics/finding.ts';
import { otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Template } from '../../core/plan/plan.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { FleetView } from '../ports/fleet.ts';
import type { AlarmView } from '../ports/metrics.ts';
import type { Ports } from '../ports/ports.ts';
import type { RuleWeights, TargetHealth } from '../ports/traffic.ts';
import { agrees } from './apply-weights.ts';

/** A slot that gets traffic from an unconfigured rule could never be emptied, because the pipeline must not edit that rule. */
export const foreignRules = async ({ traffic }: Pick<Ports, 'traffic'>, service: Service): Promise<Finding[]> => {
  const naming = await traffic.rulesNaming(service);
  return naming
    .filter(({ rule, weights }) => slots.some((slot) => weights[slot] > 0) && !service.rules.includes(rule))
    .map(({ rule }) => ({
      problem: `${rule} leads to a slot of ${service.name} and is not among its rules`,
      remedy: 'add it to `rules`, or take its weight away',
    }));
};

/** Targets that stand in the slot already would be taken for the new fleet and get its users' requests. */
export const unknownTargets = (slot: Slot, targets: TargetHealth[], { instances }: FleetView): Finding[] => {
  const ours = new Set(instances.map(({ id }) => id));
  const found = targets.filter(({ id, state }) => state !== 'draining' && !ours.has(id));
  return found.length === 0
    ? []
    : [
        {
          problem: `${slot} is for the new fleet, but its target group has ${found.length} targets that are not this service's (${found[0]?.id})`,
          remedy: 'deregister them',
        },
      ];
};

/** A misspelt alarm name would watch nothing. */
export const missingAlarms = ({ checks }: Service, found: AlarmView[]): Finding[] =>
  checks.alarms
    .filter((alarm) => !found.some(({ name }) => name === alarm))
    .map((alarm) => ({ problem: `there is no alarm ${alarm}`, remedy: 'create it, or remove it from checks.alarms' }));

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

/** On a service's first rollout only the rules can show which fleet is to be replaced. */
export const disagreement = (row: Row, { name }: Service, rules: RuleWeights[]): Finding[] =>
  row.live !== null || agrees(rules, row.wanted.weights)
    ? []
    : [
        {
          problem: `the rules of ${name} do not agree on one slot, so it is not clear which fleet to replace`,
          remedy: 'give the same target group all the weight on every rule',
        },
      ];
