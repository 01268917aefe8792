/** Whether the pipeline itself is well: alarms, and a dashboard. */

export interface ObservabilityArgs {
  prefix: string;
  machine: { name: $util.Input<string>; arn: $util.Input<string> };
  /** Names of functions. */
  reconcile: $util.Input<string>;
  rollBack: $util.Input<string>;
  onAlarm: $util.Input<string>;
  deadLetters: $util.Input<string>;
  /** Names of the log groups of the functions that say how rollouts end, go back and are judged. */
  logs: Record<'finish' | 'roll-back' | 'on-alarm' | 'judge', $util.Input<string>>;
  /** Topics that are told. */
  notify: $util.Input<string>[];
}

const minutes = 60;

export const observabilityOf = (
  { prefix, machine, reconcile, rollBack, onAlarm, deadLetters, logs, notify }: ObservabilityArgs,
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
  const metric = (name: string, log: keyof typeof logs, kind: string, value: string, and = '') =>
    new aws.cloudwatch.LogMetricFilter(
      `${prefix}-${name}-${log}`,
      {
        name: `${prefix}-${name}-${log}`,
        logGroupName: logs[log],
        pattern: `{ $.message = "told" && $.kind = "${kind}"${and} }`,
        metricTransformation: { name, namespace: prefix, value },
      },
      options,
    );
  const live = ' && $.data.outcome = "live"';
  const failed = ' && $.data.outcome = "failed"';
  const metrics = [
    metric('RolloutsLive', 'finish', 'finished', '1', live),
    metric('RolloutsFailed', 'finish', 'finished', '1', failed),
    metric('SecondsToLive', 'finish', 'finished', '$.data.seconds', live),
    metric('SecondsToSafe', 'roll-back', 'aborted', '$.data.seconds'),
    metric('SecondsToSafe', 'on-alarm', 'aborted', '$.data.seconds'),
    metric('RequestsFailed', 'judge', 'judged', '$.data.errors'),
  ];
  const ofMachine = { namespace: 'AWS/States', dimensions: { StateMachineArn: machine.arn } };
  const alarms = [
    alarm('stuck', 'An execution has timed out: see its history, and redrive it.', {
      ...ofMachine,
      metricName: 'ExecutionsTimedOut',
    }),
    alarm('stopped', 'An execution was stopped from outside; a recovery puts things right by itself.', {
      ...ofMachine,
      metricName: 'ExecutionsAborted',
    }),
    alarm(
      'rollback-failed',
      'Going back failed: an execution is failed where it stands; see its history, and redrive it.',
      {
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        threshold: 3,
        dimensions: { FunctionName: rollBack },
      },
    ),
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
      dimensions: { FunctionName: reconcile },
    }),
    alarm('reconcile-fails', 'reconcile fails: see its log.', {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      period: 15 * minutes,
      threshold: 3,
      dimensions: { FunctionName: reconcile },
    }),
    alarm('on-alarm-fails', 'An alarm could not abort a rollout: see the log of on-alarm.', {
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensions: { FunctionName: onAlarm },
    }),
  ];
  const dashboard = new aws.cloudwatch.Dashboard(
    `${prefix}-dashboard`,
    {
      dashboardName: prefix,
      dashboardBody: $util
        .all([machine.arn, reconcile, onAlarm, deadLetters, aws.getRegionOutput().name])
        .apply(([arn, reconciles, aborts, queue, region]) =>
          JSON.stringify({ widgets: widgets({ prefix, arn, reconciles, aborts, queue, region }) }),
        ),
    },
    options,
  );
  return { alarms, dashboard, metrics };
};

const widgets = ({
  prefix,
  arn,
  reconciles,
  aborts,
  queue,
  region,
}: Record<'prefix' | 'arn' | 'reconciles' | 'aborts' | 'queue' | 'region', string>) => {
  const graph = (x: number, y: number, title: string, metrics: unknown[][], stat = 'Sum') => ({
    type: 'metric',
    x,
    y,
    width: 12,
    height: 6,
    properties: { title, region, stat, period: 300, view: 'timeSeries', metrics },
  });
  const own = (name: string, options: object = {}) => [prefix, name, options];
  const states = (name: string, options: object = {}) => ['AWS/States', name, 'StateMachineArn', arn, options];
  return [
    graph(0, 0, 'Rollouts by outcome', [
      own('RolloutsLive', { label: 'live' }),
      own('RolloutsFailed', { label: 'rolled back' }),
      states('ExecutionsAborted', { label: 'stopped' }),
      states('ExecutionsTimedOut', { label: 'stuck' }),
    ]),
    graph(12, 0, 'Seconds to live, from admission', [
      own('SecondsToLive', { stat: 'p50' }),
      own('SecondsToLive', { stat: 'Maximum' }),
    ]),
    graph(0, 12, 'Seconds to safe, from the decision until every rule has its weights back', [
      own('SecondsToSafe', { stat: 'p50' }),
      own('SecondsToSafe', { stat: 'Maximum' }),
    ]),
    graph(12, 12, 'Requests that new versions failed, of the worst rollout', [
      own('RequestsFailed', { stat: 'Maximum' }),
    ]),
    graph(0, 6, 'Aborts by alarm', [
      ['AWS/Lambda', 'Invocations', 'FunctionName', aborts],
      ['AWS/Lambda', 'Errors', 'FunctionName', aborts],
      ['AWS/Lambda', 'Duration', 'FunctionName', aborts, { stat: 'Maximum', yAxis: 'right' }],
    ]),
    graph(12, 6, 'What was not handled', [
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', queue, { stat: 'Maximum' }],
      ['AWS/Lambda', 'Errors', 'FunctionName', reconciles],
    ]),
  ];
};
