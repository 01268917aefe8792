/** The metrics port on CloudWatch: what both slots' load balancer counted, period by period, and alarms. */
import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricAlarm,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Service } from '../core/configuration.ts';
import { Transient } from '../core/errors.ts';
import { type Slot, slots } from '../core/row.ts';
import type { AlarmView, Metrics, SlotCounts } from '../steps/ports.ts';
import { batchesOf, type Client, everyPage } from './client.ts';
import { send } from './failure.ts';

/**
 * What makes a period. Connections that targets refuse count nowhere else: the 502 that the user gets is the load balancer's own, and
 * that metric does not say which group it was for.
 */
const names = {
  requests: 'RequestCount',
  errors: 'HTTPCode_Target_5XX_Count',
  connectionErrors: 'TargetConnectionErrorCount',
} as const;
type Series = keyof typeof names;

const idOf = (slot: Slot, series: Series): string => `${slot}_${series}`;

/** `app/<name>/<id>`, which stands in the ARN of each of its rules as in the metric's dimension. */
const loadBalancerOf = ({ rules }: Service): string =>
  /:listener-rule\/(\w+\/[^/]+\/[^/]+)/.exec(rules[0] ?? '')?.[1] ?? '';

const queriesOf = (service: Service, slot: Slot): MetricDataQuery[] =>
  Object.entries(names).map(([series, MetricName]) => ({
    Id: idOf(slot, series as Series),
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName,
        Dimensions: [
          { Name: 'LoadBalancer', Value: loadBalancerOf(service) },
          { Name: 'TargetGroup', Value: service.slots[slot].slice(service.slots[slot].lastIndexOf(':') + 1) },
        ],
      },
      Period: service.timing.period,
      Stat: 'Sum',
    },
  }));

export const metricsOf = ({ cloudwatch }: { cloudwatch: Client }): Metrics => ({
  series: async (service, from, now) => {
    const period = service.timing.period * 1000;
    const start = Math.floor(from / period) * period;
    // Metrics are published late, and a period that is not complete yet looks like a good one.
    const end = Math.floor((now - service.timing.settling * 1000) / period) * period;
    if (end <= start) return { blue: [], green: [] };
    const queries = slots.flatMap((slot) => queriesOf(service, slot));
    const results = await everyPage(async (NextToken) => {
      const page = await send(
        cloudwatch,
        new GetMetricDataCommand({
          MetricDataQueries: queries,
          StartTime: new Date(start),
          EndTime: new Date(end),
          ScanBy: 'TimestampAscending',
          NextToken,
        }),
      );
      return { items: page.MetricDataResults, next: page.NextToken };
    });
    const failed = results.find(({ StatusCode }) => StatusCode === 'InternalError' || StatusCode === 'Forbidden');
    if (failed !== undefined)
      throw new Transient(`GetMetricData answered ${failed.StatusCode} for ${failed.Id}; this is tried again`);
    return { blue: countsOf(results, 'blue', end), green: countsOf(results, 'green', end) };
  },

  alarms: async (alarmNames) => {
    const views: AlarmView[] = [];
    // No name at all would be answered with every alarm of the account.
    for (const AlarmNames of batchesOf(alarmNames, 100))
      views.push(
        ...(await everyPage(async (NextToken) => {
          const page = await send(
            cloudwatch,
            // Composite alarms are left out unless they are asked for.
            new DescribeAlarmsCommand({
              AlarmNames,
              AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
              MaxRecords: 100,
              NextToken,
            }),
          );
          return {
            items: [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])].map(alarmView),
            next: page.NextToken,
          };
        })),
      );
    return views;
  },
});

/** By timestamp, never by place: each series leaves out the periods in which it has nothing to say. */
const countsOf = (results: MetricDataResult[], slot: Slot, end: number): SlotCounts[] => {
  const series = (name: Series): Map<number, number> =>
    new Map(
      results
        .filter(({ Id }) => Id === idOf(slot, name))
        .flatMap(({ Timestamps = [], Values = [] }) =>
          Timestamps.map((time, index) => [time.getTime(), Values[index] ?? 0]),
        ),
    );
  const errors = series('errors');
  const connectionErrors = series('connectionErrors');
  return [...series('requests')]
    .filter(([at, requests]) => requests > 0 && at < end)
    .map(([at, requests]) => ({
      at,
      requests,
      errors: errors.get(at) ?? 0,
      connectionErrors: connectionErrors.get(at) ?? 0,
    }))
    .sort((a, b) => a.at - b.at);
};

type Alarm = Pick<
  MetricAlarm,
  | 'AlarmName'
  | 'StateValue'
  | 'StateReason'
  | 'StateReasonData'
  | 'StateUpdatedTimestamp'
  | 'StateTransitionedTimestamp'
>;

const alarmView = (alarm: Alarm): AlarmView => {
  // Updated also when only the reason changed; transitioned only with the state.
  const since = (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0;
  return {
    name: alarm.AlarmName ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    reason: alarm.StateReason ?? '',
    since,
    dataFrom: dataFrom(alarm.StateReasonData) ?? since,
  };
};

/** When the data behind an alarm's state began, as its reason says: JSON in a string, which composite alarms write differently. */
const dataFrom = (reasonData: string | undefined): number | undefined => {
  try {
    const { startDate, queryDate } = JSON.parse(reasonData ?? '{}') as { startDate?: string; queryDate?: string };
    // Written with an offset that has no colon: +0000.
    const at = Date.parse((startDate ?? queryDate ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
};
