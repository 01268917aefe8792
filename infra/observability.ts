/** Alarms and metrics: whether the pipeline works, and whether a rollout needs a person. */
import timeouts from '../statemachines/functions.json' with { type: 'json' };
import { widgets } from './dashboard.ts';

type Name = keyof typeof timeouts;

/** By function; the probe only where there is one. */
type Named = Record<Name, $util.Input<string>>;

export interface ObservabilityArgs {
  prefix: string;
  machine: { name: $util.Input<string>; arn: $util.Input<string> };
  /** Names of functions, and of their log groups. */
  functions: Named;
  logs: Named;
  deadLetters: $util.Input<string>;
  /** Topics that are told. */
  notify: $util.Input<string>[];
}

const minutes = 60;
const live = ' && $.data.outcome = "live"';
const failed = ' && $.data.outcome = "failed"';

/** Functions that record no event. */
const silent = ['park', 'probe'];
const recording = (Object.keys(timeouts) as Name[]).filter((name) => !silent.includes(name));

/** What is counted out of the lines that functions write about rollouts: metric, function, kind of event, value, and a further condition. */
const counted: [name: string, log: Name, kind: string, value?: string, and?: string][] = [
  ['RolloutsLive', 'finish', 'finished', '1', live],
  ['RolloutsFailed', 'finish', 'finished', '1', failed],
  ['SecondsToLive', 'finish', 'finished', '$.data.seconds', live],
  ['SecondsToSafe', 'roll-back', 'aborted', '$.data.seconds'],
  ['SecondsToSafe', 'on-alarm', 'aborted', '$.data.seconds'],
  ['RequestsFailed', 'judge', 'judged', '$.data.errors'],
  ['WaitingLong', 'reconcile', 'waiting'],
  ...recording.flatMap((log): [string, Name, string][] => [
    ['Stuck', log, 'stuck'],
    ['Problems', log, 'problem'],
  ]),
];

/** What a failing function means, where it is more than a step that is tried again. */
const meanings: Partial<Record<Name, string>> = {
  'roll-back': 'Going back failed: an execution is failed where it stands; see its history, and redrive it.',
  reconcile: 'reconcile fails: see its log.',
  'on-alarm': 'An alarm could not abort a rollout: see the log of on-alarm.',
};
/** Alarms that had a name before there was one for each function. */
const alarmNames: Partial<Record<Name, string>> = { 'roll-back': 'rollback-failed' };

export const observabilityOf = (
  { prefix, machine, functions, logs, deadLetters, notify }: ObservabilityArgs,
  parent: $util.ComponentResource,
) => {
  const options = { parent };
  const alarm = (name: string, why: string, args: Partial<aws.cloudwatch.MetricAlarmArgs>) =>
    new aws.cloudwatch.MetricAlarm(
      `${prefix}-${name}`,
      {
        name: `${prefix}-${name}`,
        alarmDescription: why,
        statistic: 'Sum',
        period: 5 * minutes,
        evaluationPeriods: 1,
        threshold: 0,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
        alarmActions: notify,
        ...args,
      },
      options,
    );
  const metrics = counted.map(
    ([name, log, kind, value = '1', and = '']) =>
      new aws.cloudwatch.LogMetricFilter(
        `${prefix}-${name}-${log}`,
        {
          name: `${prefix}-${name}-${log}`,
          logGroupName: logs[log],
          pattern: `{ $.message = "told" && $.kind = "${kind}"${and} }`,
          metricTransformation: { name, namespace: prefix, value },
        },
        options,
      ),
  );
  const own = (metricName: string) => ({ namespace: prefix, metricName });
  const errorsOf = (name: Name) => ({
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensions: { FunctionName: functions[name] },
  });
  const alarms = [
    alarm(
      'stuck',
      'A rollout is stuck: the recoveries are used up, and users have what they had. `cutover status`, then redrive its execution or start a new one.',
      own('Stuck'),
    ),
    alarm('waiting-long', 'A rollout has waited for an answer for an hour: `cutover status`, then approve or reject.', {
      ...own('WaitingLong'),
      // reconcile says it once an hour.
      period: 60 * minutes,
    }),
    alarm('problem', 'Cutover met a problem: run `cutover history` for each service.', own('Problems')),
    alarm('stopped', 'An execution was stopped from outside; a recovery puts things right by itself.', {
      namespace: 'AWS/States',
      dimensions: { StateMachineArn: machine.arn },
      metricName: 'ExecutionsAborted',
    }),
    alarm('dead-letters', 'An event was given up: reconcile finds what it meant, but see why.', {
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      statistic: 'Maximum',
      dimensions: { QueueName: deadLetters },
    }),
    alarm('reconcile-silent', 'reconcile has not run for a quarter of an hour: nothing finds what events miss.', {
      namespace: 'AWS/Lambda',
      metricName: 'Invocations',
      period: 15 * minutes,
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      treatMissingData: 'breaching',
      dimensions: { FunctionName: functions.reconcile },
    }),
    ...(Object.keys(functions) as Name[]).map((name) =>
      alarm(
        alarmNames[name] ?? `${name}-fails`,
        meanings[name] ?? `${name} has failed more than three times in a quarter of an hour: see its log.`,
        // One alarm that nobody acted upon is one too many; the others are tried again.
        name === 'on-alarm' ? errorsOf(name) : { ...errorsOf(name), period: 15 * minutes, threshold: 3 },
      ),
    ),
  ];
  const dashboard = new aws.cloudwatch.Dashboard(
    `${prefix}-dashboard`,
    {
      dashboardName: prefix,
      dashboardBody: $util
        .all([machine.arn, functions.reconcile, functions['on-alarm'], deadLetters, aws.getRegionOutput().name])
        .apply(([arn, reconciles, aborts, queue, region]) =>
          JSON.stringify({ widgets: widgets({ prefix, arn, reconciles, aborts, queue, region }) }),
        ),
    },
    options,
  );
  return { alarms, dashboard, metrics };
};
