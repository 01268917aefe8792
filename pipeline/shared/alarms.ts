/** Reads a rollout's alarms. For those that were on when it began, also how long they have been off since. */
import type { Alarm } from '../../core/analysis/evidence.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Ports } from '../ports/ports.ts';

/** `names`: the plan's alarms unless given. An alarm that does not exist is absent. */
export const alarmsOf = async (
  { metrics, now }: Pick<Ports, 'metrics' | 'now'>,
  plan: Plan,
  names: string[] = plan.configuration.checks.alarms,
): Promise<Alarm[]> =>
  Promise.all(
    (await metrics.alarms(names)).map(async (alarm) =>
      alarm.state === 'ALARM' && plan.alarmsOn.includes(alarm.name)
        ? { ...alarm, okFor: await metrics.okFor(alarm.name, plan.at, now()) }
        : alarm,
    ),
  );
