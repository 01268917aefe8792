/**
 * The whole pipeline as one component of an SST app, this repository's own or somebody else's:
 *
 *     const { Cutover } = await import('cutover/sst');
 *     new Cutover('Rollouts', { vpc: { subnets, securityGroups } });
 *
 * Services are data: `cutover apply` adds one, and this is deployed once.
 */
import { type Functions, functionsOf } from './functions.ts';
import { ledgerOf } from './ledger.ts';
import { machineOf } from './machine.ts';
import { observabilityOf } from './observability.ts';
import { triggersOf } from './triggers.ts';

export interface CutoverArgs {
  /** The folder of the functions' bundles, from the app's root. Default: where the installed package has them. */
  bundles?: string;
  /** ARNs of the roles that instances run as: those of the launch templates' instance profiles. */
  instanceRoles?: string[];
  /**
   * Where smoke tests and Prometheus are asked from: the instances' VPC. One function stands there, with no AWS rights and no need of a
   * NAT gateway or an endpoint. `ipv6`: whether its subnets have IPv6 addresses that it needs, for instances with no others.
   */
  vpc?: { subnets: string[]; securityGroups: string[]; ipv6?: boolean };
  /** ARNs of SNS topics that are told when the pipeline itself is not well, or a rollout needs a person. */
  notify?: string[];
  /**
   * Concurrent executions that the account keeps for on-alarm, so that an abort is never kept waiting by other functions: 5 are plenty.
   * Default: none, as a new account has 10 in all and lets none be reserved. `cutover doctor` says what yours has.
   */
  reserved?: number;
}

/** AWS allows 64 characters for a role's name, and Pulumi adds a hyphen and seven of its own; every other name has more room (test/infra). */
const longestPrefix = 64 - '-rollout-role-1234567'.length;

/** Each has one: SST makes it with the function. */
const logOf = ({ nodes }: sst.aws.Function) =>
  $util.output(nodes.logGroup).apply((group) => group?.name ?? '') as $util.Output<string>;

const ofEach = <T>(functions: Functions, find: (made: sst.aws.Function) => T): Record<keyof Functions, T> =>
  Object.fromEntries(Object.entries(functions).map(([name, made]) => [name, find(made)])) as Record<keyof Functions, T>;

/** One in an app: its parts are named after the app and its stage. Throws for names that AWS would not take, before anything is made. */
export class Cutover extends $util.ComponentResource {
  /** The ledger's table. */
  readonly table: $util.Output<string>;
  /** ARNs of the state machine and of the alias that names its current version. */
  readonly machine: $util.Output<string>;
  readonly alias: $util.Output<string>;
  /** URL of the queue of what nobody could handle. */
  readonly deadLetters: $util.Output<string>;

  constructor(
    name: string,
    {
      bundles = 'node_modules/cutover/dist/lambda',
      instanceRoles = [],
      notify = [],
      reserved = 0,
      vpc,
    }: CutoverArgs = {},
    options: $util.ComponentResourceOptions = {},
  ) {
    const prefix = `${$app.name}-${$app.stage}`;
    if (prefix.length > longestPrefix)
      throw new Error(
        `the app's and the stage's names come to ${prefix.length} characters, AWS leaves ${longestPrefix}: shorten ${prefix}`,
      );
    const wrong = [...instanceRoles, ...notify].filter((one) => !/^arn:aws[a-z-]*:(iam|sns):/.test(one));
    if (wrong.length > 0) throw new Error(`expected the ARN of a role or a topic, found ${wrong.join(', ')}`);

    if (!Number.isInteger(reserved) || reserved < 0)
      throw new Error(`expected reserved to be a whole number of concurrent executions, found ${reserved}`);

    if (vpc !== undefined && (vpc.subnets.length === 0 || vpc.securityGroups.length === 0))
      throw new Error('expected at least one subnet and one security group in vpc');

    super('cutover:aws:Cutover', name, {}, options);
    if (notify.length === 0)
      $util.log.warn(
        `Nobody will be told when ${prefix} needs a person: a stuck rollout stays stuck. Pass \`notify\` with the ARN of an SNS topic.`,
        this,
      );
    const { partition } = aws.getPartitionOutput();
    const region = aws.getRegionOutput().name;
    const { accountId } = aws.getCallerIdentityOutput();
    const machineName = `${prefix}-rollout`;
    // Functions and machine name each other, so one of the names is made before its owner is.
    const machineArn = $util.interpolate`arn:${partition}:states:${region}:${accountId}:stateMachine:${machineName}`;
    const ledger = ledgerOf({ prefix }, this);
    const scope = $util
      .all([partition, region, accountId, ledger.table.arn, machineArn])
      .apply(([part, where, account, table, machine]) => ({
        partition: part,
        region: where,
        account,
        table,
        machine,
        probe: vpc === undefined ? null : `arn:${part}:lambda:${where}:${account}:function:${prefix}-probe`,
        instanceRoles,
      }));
    const functions = functionsOf(
      {
        prefix,
        region,
        bundles,
        scope,
        environment: {
          CUTOVER_TABLE: ledger.table.name,
          CUTOVER_MACHINE: machineArn,
          ...(vpc !== undefined && { CUTOVER_PROBE: scope.apply(({ probe }) => probe ?? '') }),
        },
        vpc,
        deadLetters: ledger.deadLetters.arn,
        reserved,
      },
      this,
    );
    const { machine, alias } = machineOf({ name: machineName, functions }, this);
    triggersOf({ prefix, functions, machine: machineArn, deadLetters: ledger.deadLetters }, this);
    observabilityOf(
      {
        prefix,
        machine,
        functions: ofEach(functions, (made) => made.name),
        logs: ofEach(functions, logOf),
        deadLetters: ledger.deadLetters.name,
        notify,
      },
      this,
    );

    this.table = ledger.table.name;
    this.machine = machine.arn;
    this.alias = alias.arn;
    this.deadLetters = ledger.deadLetters.url;
    this.registerOutputs({
      table: this.table,
      machine: this.machine,
      alias: this.alias,
      deadLetters: this.deadLetters,
    });
  }
}
