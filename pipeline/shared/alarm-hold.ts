/** Before the first weight an alarm cannot be the new version's fault, which serves nobody: it holds the rollout, but does not abort it. */
import { alarmCounts } from '../../core/analysis/evidence.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Ports } from '../ports/ports.ts';
import { alarmsOf } from './alarms.ts';
import type { Recorder } from './record.ts';

export const hasNoTraffic = ({ step }: Pick<Row, 'step'>): boolean => step === 0;

/** Why the first weight is not given now, recorded once for each alarm; null: no alarm holds it. */
export const alarmHold = async (
  ports: Pick<Ports, 'metrics' | 'now'>,
  row: Row,
  plan: Plan,
  record: Recorder,
): Promise<string | null> => {
  if (!hasNoTraffic(row) || plan.configuration.checks.alarms.length === 0) return null;
  const [alarm] = (await alarmsOf(ports, plan)).filter((one) => alarmCounts(one, plan));
  if (alarm === undefined) return null;
  const why = `alarm ${alarm.name} went off before the first weight (${alarm.reason}): ${plan.release} gets no traffic until it is OK again`;
  await record('waiting', `${why}; to give up, run cutover abort ${plan.service}`, { what: `alarm/${alarm.since}` });
  return why;
};
