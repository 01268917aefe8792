/** CloudWatch: the metrics that load balancers publish per target group, late and with gaps, and alarms. */
import type * as cw from '@aws-sdk/client-cloudwatch';
import { type Answer, awsError, type Handlers, only, page } from '../client.ts';
import { usedVcpus } from './limits.ts';
import type { Alarm } from './resources.ts';
import { above, percentile, type ResponseTimes } from './response-times.ts';
import type { Counts } from './target-health.ts';
import { account, region, type World } from './world.ts';

/** A metric's value in a period; undefined where AWS publishes none. */
const metrics: Record<string, (counts: Counts) => number | undefined> = {
  RequestCount: ({ requests }) => requests,
  HTTPCode_Target_5XX_Count: ({ errors }) => errors || undefined,
  TargetConnectionErrorCount: ({ connectionErrors }) => connectionErrors || undefined,
  // What is no 5xx is not told apart here.
  HTTPCode_Target_2XX_Count: ({ requests, errors, connectionErrors, unanswered = 0 }) =>
    requests - errors - connectionErrors - unanswered || undefined,
  HTTPCode_Target_3XX_Count: () => undefined,
  HTTPCode_Target_4XX_Count: () => undefined,
};

/** TargetResponseTime in seconds: `TC(0.4:)`, those above, and percentiles. CloudWatch user guide, Statistics definitions. */
const timesBy = (stat: string) => {
  const [, bound] = /^TC\((\d+(?:\.\d+)?):\)$/.exec(stat) ?? [];
  if (bound !== undefined)
    return (all: ResponseTimes[], random: () => number): number =>
      all.reduce((sum, times) => sum + above(times, Number(bound), random), 0);
  const [, share] = /^p(\d+(?:\.\d+)?)$/.exec(stat) ?? [];
  if (share === undefined) return undefined;
  return (all: ResponseTimes[], random: () => number) => percentile(all, Number(share) / 100, random);
};

const alarmArn = (name: string): string => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

/** What an alarm's evaluation looked at, as JSON in a string: its oldest data point is when the trouble began. */
export const reasonDataOf = ({ since, dataFrom }: Alarm): string => {
  const at = (ms: number): string => new Date(ms).toISOString().replace('Z', '+0000');
  return JSON.stringify({
    version: '1.0',
    queryDate: at(since),
    startDate: at(dataFrom),
    evaluatedDatapoints: [{ timestamp: at(dataFrom) }],
  });
};

const alarmView = (alarm: Alarm) => ({
  AlarmName: alarm.name,
  AlarmArn: alarmArn(alarm.name),
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateReasonData: reasonDataOf(alarm),
  StateUpdatedTimestamp: new Date(alarm.since),
  StateTransitionedTimestamp: new Date(alarm.since),
});

/** One query's points, oldest first. */
const points = (world: World, query: cw.MetricDataQuery, from: number, to: number): { at: number; value: number }[] => {
  only('cloudwatch GetMetricData query', query, ['Id', 'MetricStat', 'ReturnData', 'Label']);
  const stat = query.MetricStat as cw.MetricStat;
  only('cloudwatch MetricStat', stat, ['Metric', 'Period', 'Stat']);
  const { Namespace, MetricName = '', Dimensions = [] } = stat.Metric ?? {};
  if (Namespace === 'AWS/Usage')
    return [
      {
        at: Math.floor((to - 1) / 300_000) * 300_000,
        value: usedVcpus(world, Dimensions.find(({ Name }) => Name === 'Class')?.Value),
      },
    ];
  const metric = stat.Stat === 'Sum' ? metrics[MetricName] : undefined;
  const timed = MetricName === 'TargetResponseTime' ? timesBy(stat.Stat ?? '') : undefined;
  if (Namespace !== 'AWS/ApplicationELB' || (metric === undefined && timed === undefined)) {
    throw new Error(`local cloud: the metric ${Namespace} ${MetricName} (${stat.Stat}) is not simulated`);
  }
  const period = (stat.Period ?? 0) * 1000;
  if (period <= 0 || period % world.metricPeriod !== 0) {
    throw awsError(
      'InvalidParameterValueException',
      `Period must be a multiple of ${world.metricPeriod / 1000} seconds, not ${stat.Period}`,
    );
  }
  const named = (name: string) => Dimensions.find((dimension) => dimension.Name === name)?.Value;
  const arn = `arn:aws:elasticloadbalancing:${region}:${account}:${named('TargetGroup')}`;
  const group = world.targetGroups.get(arn);
  const balancer = world.loadBalancersOf(arn)[0]?.split(':loadbalancer/')[1];
  // A pair of dimensions that was never published has no data; CloudWatch does not call that an error.
  if (group === undefined || balancer !== named('LoadBalancer')) return [];
  const sums = new Map<number, number>();
  const times = new Map<number, ResponseTimes[]>();
  const published = world.time.now() - world.latencies.metrics - world.metricPeriod;
  for (let start = from; start < to && start <= published; start += world.metricPeriod) {
    const counts = group.counts.get(start);
    if (counts === undefined) continue;
    const at = Math.floor(start / period) * period;
    times.set(at, [...(times.get(at) ?? []), counts.times]);
    const value = metric?.(counts);
    if (value !== undefined) sums.set(at, (sums.get(at) ?? 0) + value);
  }
  const found =
    metric === undefined ? [...times].map(([at, all]) => [at, timed?.(all, world.random)] as const) : [...sums];
  return found.flatMap(([at, value]) => (value === undefined ? [] : [{ at, value }]));
};

export const cloudwatchHandlers = (world: World) =>
  ({
    GetMetricData: (input: cw.GetMetricDataCommandInput): Answer<cw.GetMetricDataCommandOutput> => {
      only('cloudwatch GetMetricData', input, [
        'MetricDataQueries',
        'StartTime',
        'EndTime',
        'NextToken',
        'ScanBy',
        'MaxDatapoints',
      ]);
      const queries = input.MetricDataQueries ?? [];
      if (queries.length > 500) throw awsError('ValidationError', 'At most 500 metric data queries are allowed');
      world.changing();
      const rounded = (time: Date | undefined) => Math.floor(Number(time) / world.metricPeriod) * world.metricPeriod;
      const all = queries.flatMap((query, index) => {
        const found = points(world, query, rounded(input.StartTime), rounded(input.EndTime));
        if (input.ScanBy !== 'TimestampAscending') found.reverse();
        return found.map((point) => ({ ...point, index }));
      });
      const { items, next } = page(all, input.MaxDatapoints ?? 100_800, input.NextToken);
      const results = queries.map(({ Id, Label }): cw.MetricDataResult & { Timestamps: Date[]; Values: number[] } => ({
        Id,
        Label: Label ?? Id,
        Timestamps: [],
        Values: [],
        StatusCode: next === undefined ? 'Complete' : 'PartialData',
      }));
      for (const { at, value, index } of items) {
        results[index]?.Timestamps.push(new Date(at));
        results[index]?.Values.push(value);
      }
      return { MetricDataResults: results, NextToken: next };
    },

    DescribeAlarmHistory: (
      input: cw.DescribeAlarmHistoryCommandInput,
    ): Answer<cw.DescribeAlarmHistoryCommandOutput> => {
      only('cloudwatch DescribeAlarmHistory', input, [
        'AlarmName',
        'AlarmTypes',
        'HistoryItemType',
        'StartDate',
        'EndDate',
        'ScanBy',
        'MaxRecords',
        'NextToken',
      ]);
      if (input.HistoryItemType !== 'StateUpdate' || input.ScanBy !== 'TimestampAscending')
        throw new Error('local cloud: of the history of alarms only changes of state, oldest first, are simulated');
      const { AlarmName = '', StartDate, EndDate } = input;
      const kind = world.alarms.get(AlarmName)?.kind ?? 'MetricAlarm';
      const changes = (input.AlarmTypes ?? ['MetricAlarm']).includes(kind) ? world.alarmChanges.get(AlarmName) : [];
      const items = (changes ?? [])
        .filter(({ at }) => at >= Number(StartDate ?? 0) && at <= Number(EndDate ?? Infinity))
        .map(({ at, from, to }) => ({
          AlarmName,
          AlarmType: kind,
          Timestamp: new Date(at),
          HistoryItemType: 'StateUpdate' as const,
          HistorySummary: `Alarm updated from ${from} to ${to}`,
          HistoryData: JSON.stringify({ version: '1.0', oldState: { stateValue: from }, newState: { stateValue: to } }),
        }));
      const { items: shown, next } = page(items, input.MaxRecords ?? 100, input.NextToken);
      return { AlarmHistoryItems: shown, NextToken: next };
    },

    DescribeAlarms: (input: cw.DescribeAlarmsCommandInput): Answer<cw.DescribeAlarmsCommandOutput> => {
      only('cloudwatch DescribeAlarms', input, ['AlarmNames', 'AlarmTypes', 'MaxRecords', 'NextToken']);
      if ((input.AlarmNames?.length ?? 0) > 100)
        throw awsError('ValidationError', 'At most 100 alarm names are allowed');
      // Without AlarmTypes, composite alarms are left out, whether named or not.
      const kinds = input.AlarmTypes ?? ['MetricAlarm'];
      const found = [...world.alarms.values()].filter(
        ({ name, kind }) => kinds.includes(kind) && (input.AlarmNames?.includes(name) ?? true),
      );
      const { items, next } = page(found, input.MaxRecords ?? 50, input.NextToken);
      const of = (wanted: Alarm['kind']) => items.filter(({ kind }) => kind === wanted).map(alarmView);
      return { MetricAlarms: of('MetricAlarm'), CompositeAlarms: of('CompositeAlarm'), NextToken: next };
    },
  }) satisfies Handlers;
