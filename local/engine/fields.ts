/** The fields of the Amazon States Language that the engine supports. docs/engine.md lists the same. */

const names = (text: string): readonly string[] => text.split(' ');

export const fields = {
  machine: names('Comment QueryLanguage Version StartAt States TimeoutSeconds'),
  Task: names('Resource Arguments Output Assign TimeoutSeconds HeartbeatSeconds Retry Catch Next End'),
  Choice: names('Choices Default Output Assign'),
  Pass: names('Output Assign Next End'),
  Wait: names('Seconds Timestamp Output Assign Next End'),
  Succeed: names('Output'),
  Fail: names('Error Cause'),
  everyState: names('Type Comment QueryLanguage'),
  rule: names('Condition Next Output Assign Comment'),
  retrier: names('ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy Comment'),
  catcher: names('ErrorEquals Next Output Assign Comment'),
  invoke: names('FunctionName Payload'),
};

export const stateTypes = ['Task', 'Choice', 'Pass', 'Wait', 'Succeed', 'Fail'] as const;
export type StateType = (typeof stateTypes)[number];

/** Fields that JSONPath definitions have and JSONata ones cannot. */
export const jsonPathFields = names(
  'InputPath OutputPath ResultPath ResultSelector Parameters Result ErrorPath CausePath SecondsPath TimestampPath TimeoutSecondsPath HeartbeatSecondsPath',
);
