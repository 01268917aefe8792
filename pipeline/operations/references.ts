/** Looks up what a configuration names in the account. A name that does not exist is a mistake of the configuration, reported with its path. */

import { Rejected } from '../../core/basics/errors.ts';
import { findingText } from '../../core/basics/finding.ts';
import { slots } from '../../core/basics/slot.ts';
import { formatValue, type Problem } from '../../core/config/problems.ts';
import type { Service } from '../../core/config/service.ts';
import type { Ports } from '../ports/ports.ts';
import { workThrough } from '../shared/worker-pool.ts';

type Needs = Pick<Ports, 'ownership' | 'metrics' | 'fleet'>;

/** Services looked up at the same time. Each needs a few calls, and AWS allows some dozens a second. */
const atATime = 8;

const unresolvedIn = async (ports: Needs, service: Service): Promise<Problem[]> => {
  const { name, fleet, checks } = service;
  const facts = await ports.ownership.look(service, service.slots);
  const missing = (path: string, expected: string, value: string): Problem => ({
    path: `${name}.${path}`,
    expected,
    found: formatValue(value),
  });
  const found = new Set(facts.rules.map(({ arn }) => arn));
  const alarms = new Set((await ports.metrics.alarms(checks.alarms)).map((alarm) => alarm.name));
  return [
    ...service.rules.flatMap((arn, index) => {
      if (found.has(arn)) return [];
      const why = facts.problems.find(({ problem }) => problem.includes(arn));
      return [missing(`rules[${index}]`, `a rule that can be used (${why && findingText(why)})`, arn)];
    }),
    ...slots.flatMap((slot) =>
      facts.targetGroups[slot] === null
        ? [missing(`slots.${slot}`, 'a target group that exists', service.slots[slot])]
        : [],
    ),
    ...slots.flatMap((slot) =>
      fleet.kind === 'groups' && facts.groups[slot] === null
        ? [missing(`fleet.${slot}`, 'an Auto Scaling group that exists', fleet[slot])]
        : [],
    ),
    ...checks.alarms.flatMap((alarm, index) =>
      alarms.has(alarm) ? [] : [missing(`checks.alarms[${index}]`, 'an alarm that exists', alarm)],
    ),
    ...(fleet.kind === 'instances' ? await unusable(ports, service, fleet.launchTemplate) : []),
  ];
};

const unusable = async ({ fleet }: Needs, service: Service, launchTemplate: string): Promise<Problem[]> => {
  try {
    await fleet.template(service, 'blue');
    return [];
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    const expected = `a launch template that can be used (${error.message})`;
    return [{ path: `${service.name}.fleet.launchTemplate`, expected, found: formatValue(launchTemplate) }];
  }
};

/** Every name that does not exist, of all services, in their order. `onService`: called after each one. */
export const unresolvedNames = async (
  ports: Needs,
  services: readonly Service[],
  onService: () => void = () => undefined,
): Promise<Problem[]> => {
  const problems = new Map<string, Problem[]>();
  await workThrough(services, atATime, async (service) => {
    problems.set(service.name, await unresolvedIn(ports, service));
    onService();
  });
  return services.flatMap(({ name }) => problems.get(name) ?? []);
};
