/** Aborts a rollout that has traffic, if the data of the alarm falls within the rollout. */
import * as z from 'zod';
import { alarmCounts } from '../../core/analysis/evidence.ts';
import { messageOf, Transient } from '../../core/basics/errors.ts';
import { abortRollout } from '../operations/abort.ts';
import type { Ports } from '../ports/ports.ts';
import { hasNoTraffic } from '../shared/alarm-hold.ts';
import { alarmsOf } from '../shared/alarms.ts';

/** CloudWatch Alarm State Change. */
export const alarmEvent = z.object({
  detail: z.object({ alarmName: z.string(), state: z.object({ value: z.string() }) }),
});

type Needs = Pick<Ports, 'ledger' | 'traffic' | 'metrics' | 'executions' | 'notify' | 'now'>;

/** One line per service that watches the alarm: what was done, or why not. */
export const onAlarm =
  (ports: Needs) =>
  async ({ detail }: z.infer<typeof alarmEvent>): Promise<{ service: string; result: string }[]> => {
    const results: { service: string; result: string }[] = [];
    const failures: string[] = [];
    for (const service of await ports.ledger.services())
      try {
        const result = await heardBy(ports, service, detail.alarmName);
        if (result !== null) results.push({ service, result });
      } catch (error) {
        // The other services come first. Then the event is retried, which repeats nothing for them.
        failures.push(`${service}: ${messageOf(error)}`);
      }
    if (failures.length > 0) throw new Transient(failures.join('; '));
    return results;
  };

/** Null: the service does not watch this alarm. */
const heardBy = async (ports: Needs, service: string, alarmName: string): Promise<string | null> => {
  const row = await ports.ledger.row(service);
  if (row?.plan == null || row.lock.state !== 'held') return null;
  const { plan } = row;
  if (!plan.configuration.checks.alarms.includes(alarmName)) return null;
  // The event may be old, so the alarm itself is read.
  const [alarm] = await alarmsOf(ports, plan, [alarmName]);
  if (alarm === undefined || !alarmCounts(alarm, plan)) return `${alarmName} is not on, or not because of this rollout`;
  // The machine checks alarms itself before it gives the first weight.
  if (hasNoTraffic((await ports.ledger.row(service)) ?? row))
    return `${alarm.name} holds the rollout, which has no traffic yet`;
  const { release, attempt } = plan;
  const why = `alarm ${alarm.name} went off: ${alarm.reason}`;
  return (await abortRollout(ports, { service, release, attempt }, { why, by: 'on-alarm' })) ?? 'aborted';
};
