/** The metrics port on CloudWatch: the load balancer's counts for both slots, period by period, and alarms. */
import {
  type AlarmHistoryItem,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricAlarm,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { closedPeriods } from '../../core/analysis/closed-periods.ts';
import { Transient } from '../../core/basics/errors.ts';
import { type Slot, slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { AlarmView, Metrics, SlotCounts } from '../../pipeline/ports/metrics.ts';
import { codeOf, ifKnown, send } from '../aws/aws-errors.ts';
import { batchesOf, type Client, everyPage } from '../aws/client.ts';

/**
 * What makes a period. Connections that targets refuse count nowhere else: the 502 that the user gets is the load balancer's own, and
 * that metric does not say which group it was for. So its own answers are what is left of a group's requests when those of its targets
 * have been taken away.
 */
const names = {
  requests: 'RequestCount',
  errors: 'HTTPCode_Target_5XX_Count',
  connectionErrors: 'TargetConnectionErrorCount',
  answers2xx: 'HTTPCode_Target_2XX_Count',
  answers3xx: 'HTTPCode_Target_3XX_Count',
  answers4xx: 'HTTPCode_Target_4XX_Count',
} as const;
type Series = keyof typeof names;

const idOf = (slot: Slot, series: Series): string => `${slot}_${series}`;

/** `app/<name>/<id>`, which stands in the ARN of each of its rules as in the metric's dimension. */
const loadBalancerOf = ({ rules }: Service): string =>
  /:listener-rule\/(\w+\/[^/]+\/[^/]+)/.exec(rules[0] ?? '')?.[1] ?? '';

const queryOf = (
  service: Service,
  slot: Slot,
  {
    id: Id,
    metric,
    stat,
    period = service.timing.period,
  }: { id: string; metric: string; stat: string; period?: number },
): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/ApplicationELB',
      MetricName: metric,
      Dimensions: [
        { Name: 'LoadBalancer', Value: loadBalancerOf(service) },
        { Name: 'TargetGroup', Value: service.slots[slot].slice(service.slots[slot].lastIndexOf(':') + 1) },
      ],
    },
    Period: period,
    Stat: stat,
  },
});

const queriesOf = (service: Service, slot: Slot): MetricDataQuery[] =>
  Object.entries(names).map(([series, metric]) =>
    queryOf(service, slot, { id: idOf(slot, series as Series), metric, stat: 'Sum' }),
  );

/** Those above so many seconds: a trimmed count. CloudWatch user guide, Statistics definitions. */
const slowQuery = (service: Service, slot: Slot, seconds: number, index: number): MetricDataQuery =>
  queryOf(service, slot, {
    id: slowIdOf(slot, index),
    metric: 'TargetResponseTime',
    stat: `TC(${seconds.toFixed(5)}:)`,
  });
const slowIdOf = (slot: Slot, index: number): string => `${slot}_slow${index}`;

export const cloudwatchOf = ({ cloudwatch }: { cloudwatch: Client }): Metrics => {
  const read = async (queries: MetricDataQuery[], start: number, end: number): Promise<MetricDataResult[]> => {
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
    return results;
  };

  return {
    series: async (service, from, now, slow = { blue: [], green: [] }) => {
      const { start, end } = closedPeriods(service, from, now);
      if (end <= start) return { blue: [], green: [] };
      const counts = slots.flatMap((slot) => queriesOf(service, slot));
      const slowest = slots.flatMap((slot) =>
        slow[slot].map((seconds, index) => slowQuery(service, slot, seconds, index)),
      );
      // Both slots in one call: two calls would see two states of the world.
      const results = await read([...counts, ...slowest], start, end).catch((error) => {
        // Trimmed counts are documented for metrics in general, not for this one by name: without them the rest is still worth having.
        if (slowest.length === 0 || !/Validation|InvalidParameter/.test(codeOf(error))) throw error;
        return read(counts, start, end);
      });
      return {
        blue: countsOf(results, 'blue', end, slow.blue.length),
        green: countsOf(results, 'green', end, slow.green.length),
      };
    },

    times: async (service, slot, shares, from, now) => {
      const { start, end } = closedPeriods(service, from, now);
      if (end <= start) return [];
      const period = (end - start) / 1000;
      const queries = shares.map((share, index) =>
        queryOf(service, slot, { id: `p${index}`, metric: 'TargetResponseTime', stat: `p${share * 100}`, period }),
      );
      const results = await read(queries, start, end);
      const found = shares.map((_, index) => results.find(({ Id }) => Id === `p${index}`)?.Values?.[0]);
      return found.every((value) => value !== undefined) ? found : [];
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

    okFor: async (name, from, now) => {
      const changes = await ifKnown([], () =>
        everyPage(async (NextToken) => {
          const page = await send(
            cloudwatch,
            new DescribeAlarmHistoryCommand({
              AlarmName: name,
              // Composite alarms are left out unless they are asked for.
              AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
              HistoryItemType: 'StateUpdate',
              StartDate: new Date(from),
              EndDate: new Date(now),
              ScanBy: 'TimestampAscending',
              NextToken,
            }),
          );
          return { items: page.AlarmHistoryItems, next: page.NextToken };
        }),
      );
      return longestOk(changes, now);
    },
  };
};

/** From each change to OK until the next change; it was on before the first of them. */
const longestOk = (changes: AlarmHistoryItem[], now: number): number => {
  const times = changes.map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
  return changes.reduce((longest, change, index) => {
    if (stateIn(change) !== 'OK') return longest;
    return Math.max(longest, (times[index + 1] ?? now) - (times[index] as number));
  }, 0);
};

/** What it changed to, as the history says it: JSON in a string. */
const stateIn = ({ HistoryData }: AlarmHistoryItem): string | undefined => {
  try {
    return (JSON.parse(HistoryData ?? '{}') as { newState?: { stateValue?: string } }).newState?.stateValue;
  } catch {
    return undefined;
  }
};

/** By timestamp, never by place: each series leaves out the periods in which it has nothing to say. */
const countsOf = (results: MetricDataResult[], slot: Slot, end: number, thresholds: number): SlotCounts[] => {
  const series = (id: string): Map<number, number> =>
    new Map(
      results
        .filter(({ Id }) => Id === id)
        .flatMap(({ Timestamps = [], Values = [] }) =>
          Timestamps.map((time, index) => [time.getTime(), Values[index] ?? 0]),
        ),
    );
  const errors = series(idOf(slot, 'errors'));
  const connectionErrors = series(idOf(slot, 'connectionErrors'));
  const answers = [
    series(idOf(slot, 'answers2xx')),
    series(idOf(slot, 'answers3xx')),
    series(idOf(slot, 'answers4xx')),
    errors,
  ];
  // Of none of them a word: nobody has counted.
  const counted = answers.some((one) => one.size > 0);
  const slow = Array.from({ length: thresholds }, (_, index) => series(slowIdOf(slot, index)));
  // A period in which nothing was slow may be left out, a slot of which nothing is said was not measured.
  const measured = slow.some((one) => one.size > 0);
  return [...series(idOf(slot, 'requests'))]
    .filter(([at, requests]) => requests > 0 && at < end)
    .map(([at, requests]) => ({
      at,
      requests,
      errors: errors.get(at) ?? 0,
      connectionErrors: connectionErrors.get(at) ?? 0,
      ...(counted && { answered: answers.reduce((sum, one) => sum + (one.get(at) ?? 0), 0) }),
      ...(measured && { slow: slow.map((one) => one.get(at) ?? 0) }),
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
