/**
 * The whole pipeline as one part of an SST app:
 *
 *     createCutover('Rollouts', { handlers: 'functions' })
 *
 * Services are data: `cutover apply` adds one, and this is deployed once.
 */
import { functionsOf } from './functions.ts';
import { ledgerOf } from './ledger.ts';
import { machineOf } from './machine.ts';
import { observabilityOf } from './observability.ts';
import { triggersOf } from './triggers.ts';

export interface CutoverArgs {
  /** The folder of the functions' handlers, from the app's root. Default: where the installed package has them. */
  handlers?: string;
  /** ARNs of the roles that instances run as: those of the launch templates' instance profiles. */
  instanceRoles?: string[];
  /** ARNs of SNS topics that are told when the pipeline itself is not well. */
  notify?: string[];
}

/** AWS allows 64 characters for a function's name, 80 for a machine's; `-on-interruption` is the longest end. */
const longestPrefix = 64 - '-on-interruption'.length;

export const createCutover = (
  name: string,
  { handlers = 'node_modules/cutover/dist/functions', instanceRoles = [], notify = [] }: CutoverArgs = {},
) => {
  const prefix = `${$app.name}-${$app.stage}`;
  if (prefix.length > longestPrefix)
    throw new Error(
      `the app's and the stage's names come to ${prefix.length} characters, AWS leaves ${longestPrefix}: shorten ${prefix}`,
    );
  const wrong = [...instanceRoles, ...notify].filter((one) => !/^arn:aws[a-z-]*:(iam|sns):/.test(one));
  if (wrong.length > 0) throw new Error(`expected the ARN of a role or a topic, found ${wrong.join(', ')}`);

  const parent = new $util.ComponentResource('cutover:aws:Cutover', name, {});
  const { partition } = aws.getPartitionOutput();
  const region = aws.getRegionOutput().name;
  const { accountId } = aws.getCallerIdentityOutput();
  const machineName = `${prefix}-rollout`;
  // Functions and machine name each other, so one of the names is made before its owner is.
  const machineArn = $util.interpolate`arn:${partition}:states:${region}:${accountId}:stateMachine:${machineName}`;
  const ledger = ledgerOf({ prefix }, parent);
  const scope = $util
    .all([partition, region, accountId, ledger.table.arn, machineArn])
    .apply(([part, where, account, table, machine]) => ({
      partition: part,
      region: where,
      account,
      table,
      machine,
      instanceRoles,
    }));
  const functions = functionsOf(
    {
      prefix,
      region,
      handlers,
      scope,
      environment: { CUTOVER_TABLE: ledger.table.name, CUTOVER_MACHINE: machineArn },
      deadLetters: ledger.deadLetters.arn,
    },
    parent,
  );
  const { machine, alias } = machineOf({ name: machineName, functions }, parent);
  triggersOf({ prefix, functions, machine: machineArn, deadLetters: ledger.deadLetters }, parent);
  observabilityOf(
    {
      prefix,
      machine,
      reconcile: functions.reconcile.name,
      onAlarm: functions['on-alarm'].name,
      deadLetters: ledger.deadLetters.name,
      notify,
    },
    parent,
  );
  return { table: ledger.table.name, machine: machine.arn, alias: alias.arn, deadLetters: ledger.deadLetters.url };
};
