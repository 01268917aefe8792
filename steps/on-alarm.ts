/** on-alarm: an alarm went off. Any rollout that watches it, and whose own time its data lies in, is aborted through the row: weights first. */
import * as z from 'zod';
import { alarmCounts } from '../core/evidence.ts';
import { abortRollout } from './abort-rollout.ts';
import { alarmsOf } from './alarms.ts';
import type { Ports } from './ports.ts';

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
    for (const service of await ports.ledger.services()) {
      const row = await ports.ledger.row(service);
      if (row?.plan == null || row.lock.state !== 'held') continue;
      const { plan } = row;
      if (!plan.configuration.checks.alarms.includes(detail.alarmName)) continue;
      // The event is a hint, and may be old: the alarm itself is asked.
      const [alarm] = await alarmsOf(ports, plan, [detail.alarmName]);
      if (alarm === undefined || !alarmCounts(alarm, plan)) {
        results.push({ service, result: `${detail.alarmName} is not on, or not because of this rollout` });
        continue;
      }
      const { release, attempt } = plan;
      const why = `alarm ${alarm.name} went off: ${alarm.reason}`;
      const refused = await abortRollout(ports, { service, release, attempt }, { why, by: 'on-alarm' });
      results.push({ service, result: refused ?? 'aborted' });
    }
    return results;
  };
