/** Rules on the default bus that start the pipeline, with the same patterns as the local cloud's. */
import { arnParts } from '../core/basics/arn.ts';
import { bind } from '../statemachines/bind.ts';
import triggers from '../statemachines/triggers.json' with { type: 'json' };
import type { Functions } from './functions.ts';

interface Trigger {
  name: string;
  function: string;
  pattern?: object;
  schedule?: string;
  /** Of an invocation that has failed; a schedule comes again by itself, and the load must not grow with the failures. */
  retries?: number;
  /** Seconds after which an event is no use any more. */
  maximumEventAge?: number;
}

export interface TriggersArgs {
  prefix: string;
  functions: Functions;
  machine: $util.Input<string>;
  deadLetters: { arn: $util.Input<string>; url: $util.Input<string> };
}

const longest = 3600;

/** Another account may be let onto the default bus for reasons of its own: events count from this one alone. */
const placeholdersOf = (machine: string): Record<string, string> => ({
  machine,
  account: arnParts(machine).account,
});

export const triggersOf = (
  { prefix, functions, machine, deadLetters }: TriggersArgs,
  parent: $util.ComponentResource,
) => {
  const options = { parent };
  const kept = keptFailures({ prefix, functions, deadLetters }, options);
  const rules = (triggers as Trigger[]).map((trigger) => {
    const { name, pattern, schedule, maximumEventAge = longest } = trigger;
    const target = functions[trigger.function as keyof Functions];
    const rule = new aws.cloudwatch.EventRule(
      `${prefix}-${name}`,
      {
        name: `${prefix}-${name}`,
        ...(pattern !== undefined && {
          eventPattern: $util.output(machine).apply((arn) => JSON.stringify(bind(pattern, placeholdersOf(arn)))),
        }),
        ...(schedule !== undefined && { scheduleExpression: schedule }),
      },
      options,
    );
    const permission = new aws.lambda.Permission(
      `${prefix}-${name}-invoke`,
      {
        action: 'lambda:InvokeFunction',
        function: target.nodes.function.name,
        qualifier: target.nodes.function.version,
        principal: 'events.amazonaws.com',
        sourceArn: rule.arn,
      },
      options,
    );
    new aws.cloudwatch.EventTarget(
      `${prefix}-${name}-target`,
      {
        rule: rule.name,
        arn: target.nodes.function.qualifiedArn,
        retryPolicy: { maximumEventAgeInSeconds: Math.max(60, maximumEventAge), maximumRetryAttempts: 20 },
        deadLetterConfig: { arn: deadLetters.arn },
      },
      // A new version is pointed to only once it may be invoked and keeps what it cannot handle.
      { ...options, dependsOn: [permission, kept[trigger.function] as $util.Resource] },
    );
    return rule;
  });
  new aws.sqs.QueuePolicy(
    `${prefix}-dead-letters-policy`,
    {
      queueUrl: deadLetters.url,
      policy: $util.all([deadLetters.arn, ...rules.map(({ arn }) => arn)]).apply(([queue, ...arns]) =>
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: queue,
              Condition: { ArnEquals: { 'aws:SourceArn': arns } },
            },
          ],
        }),
      ),
    },
    options,
  );
  return rules;
};

/** EventBridge hands over and forgets: what fails after that is Lambda's to keep. By function. */
const keptFailures = (
  { prefix, functions, deadLetters }: Pick<TriggersArgs, 'prefix' | 'functions' | 'deadLetters'>,
  options: $util.ComponentResourceOptions,
): Record<string, $util.Resource> => {
  const woken = [...new Set((triggers as Trigger[]).map((trigger) => trigger.function))];
  return Object.fromEntries(
    woken.map((name) => {
      const target = functions[name as keyof Functions];
      const own = (triggers as Trigger[]).filter((one) => one.function === name);
      const ages = own.map((one) => one.maximumEventAge ?? longest);
      const config = new aws.lambda.FunctionEventInvokeConfig(
        `${prefix}-${name}-events`,
        {
          functionName: target.nodes.function.name,
          qualifier: target.nodes.function.version,
          maximumRetryAttempts: Math.min(...own.map(({ retries = 2 }) => retries)),
          maximumEventAgeInSeconds: Math.max(60, Math.min(...ages)),
          // What comes again by itself is not kept; an alarm says that it fails.
          ...(own.some(({ schedule }) => schedule === undefined) && {
            destinationConfig: { onFailure: { destination: deadLetters.arn } },
          }),
        },
        options,
      );
      return [name, config];
    }),
  );
};
