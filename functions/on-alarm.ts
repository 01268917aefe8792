/** on-alarm: aborts the rollouts that watch the alarm. */
import { alarmEvent, onAlarm } from '../pipeline/triggers/on-alarm.ts';
import { onAws, toLambda } from './lambda.ts';
import { alarms, executions, ledger, notify, now, traffic } from './ports.ts';

export const create = toLambda('on-alarm', onAlarm, alarmEvent, {
  executions,
  ledger,
  metrics: alarms,
  notify,
  now,
  traffic,
});

export const handler = onAws(create);
