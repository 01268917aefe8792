/** Builds the local cloud: a simulated account, its SDK clients, the event bus, the state machine and its functions. */
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { seededRandom } from '../core/basics/random.ts';
import type { Service } from '../core/config/service.ts';
import { bind } from '../statemachines/bind.ts';
import { type Handlers, type Intercept, simulatedClient, type Wire } from './client.ts';
import { createMachine, type Machine, type MachineOptions } from './engine/machine.ts';
import { type Bus, createBus, type Trigger } from './events.ts';
import { createLambda, type LambdaOptions } from './lambda.ts';
import { latencies as facts, type Latencies, noLatencies } from './latencies.ts';
import type { Machines } from './machines.ts';
import { actions } from './simulated/actions.ts';
import { autoScalingHandlers } from './simulated/auto-scaling/handlers.ts';
import { type Scaling, scalingOf } from './simulated/auto-scaling/scaling.ts';
import { cloudwatchHandlers } from './simulated/cloudwatch.ts';
import { ec2Handlers } from './simulated/ec2.ts';
import { ecrHandlers } from './simulated/ecr.ts';
import { elbv2Handlers } from './simulated/elbv2.ts';
import { eventbridgeHandlers } from './simulated/eventbridge.ts';
import { iamHandlers } from './simulated/iam.ts';
import { imagebuilderHandlers } from './simulated/imagebuilder.ts';
import { type Invoke, lambdaHandlers } from './simulated/lambda.ts';
import { servicequotasHandlers } from './simulated/limits.ts';
import { route53Handlers } from './simulated/route53.ts';
import { type Existing, type SetUp, setUp, setUpExisting } from './simulated/set-up.ts';
import { sfnHandlers, statusEvent } from './simulated/sfn.ts';
import { ssmHandlers } from './simulated/ssm.ts';
import { account, createWorld, region, type World } from './simulated/world.ts';
import type { DescribedMachines } from './simulated-machines.ts';
import type { Time } from './time.ts';
import { createTraffic, type Failed } from './traffic.ts';

export interface Clients {
  ec2: Pick<EC2Client, 'send'>;
  elbv2: Pick<ElasticLoadBalancingV2Client, 'send'>;
  autoscaling: Pick<AutoScalingClient, 'send'>;
  servicequotas: Pick<ServiceQuotasClient, 'send'>;
  cloudwatch: Pick<CloudWatchClient, 'send'>;
  ecr: Pick<ECRClient, 'send'>;
  ssm: Pick<SSMClient, 'send'>;
  imagebuilder: Pick<ImagebuilderClient, 'send'>;
  sfn: Pick<SFNClient, 'send'>;
  eventbridge: Pick<EventBridgeClient, 'send'>;
  iam: Pick<IAMClient, 'send'>;
  lambda: Pick<LambdaClient, 'send'>;
  route53: { send(command: object): Promise<never> };
}

/** What functions are made from; the caller adds what else they need. */
export interface CloudEnvironment {
  clients: Clients;
  now: () => number;
  /** ARN of the state machine. */
  machine: string;
  /** ARN of the function that stands in the VPC. */
  probe: string;
  /** Reaches instances by their private address. */
  fetch: typeof fetch;
}

export interface CloudOptions {
  time: Time;
  /** Processes, or described machines, which also say their images' error rates. */
  machines: Machines & Partial<Pick<DescribedMachines, 'errorRate' | 'hangRate' | 'latency' | 'coldness'>>;
  /** The state machine and triggers.json, with their "${name}" placeholders. */
  definition: unknown;
  triggers: readonly Trigger[];
  functions: (environment: CloudEnvironment) => LambdaOptions['functions'];
  /** Each function's timeout in seconds. */
  timeouts: Record<string, number>;
  seed?: number;
  /** `facts`: everything takes what it takes on AWS. `none`: what it takes here; for real time. */
  latency?: 'facts' | 'none' | Latencies;
  /** Milliseconds of one metric period; load balancers have 60,000. */
  metricPeriod?: number;
  /** Reaches what is no instance, a Prometheus for one; none: there is nothing else. */
  fetch?: typeof fetch;
  /** Runs the scheduled triggers. Virtual time then never runs out of things to do. */
  schedule?: boolean;
  timedOutAs?: MachineOptions['timedOutAs'];
  onStatus?: MachineOptions['onStatus'];
  onEvent?: MachineOptions['onEvent'];
  onInvoke?: LambdaOptions['onInvoke'];
  /** Of virtual time's requests. */
  onFailed?: (failed: Failed) => void;
}

export type Cloud = ReturnType<typeof createCloud>;

const machineArn = `arn:aws:states:${region}:${account}:stateMachine:rollout`;
const functionArn = (name: string, version?: number): string =>
  `arn:aws:lambda:${region}:${account}:function:${name}${version === undefined ? '' : `:${version}`}`;

/** The simulated side of every client, by service. */
const handlersOf = (world: World, machine: Machine, bus: Bus, scaling: Scaling, invoke: Invoke) => ({
  ec2: ec2Handlers(world),
  elbv2: elbv2Handlers(world),
  autoscaling: autoScalingHandlers(world, scaling),
  servicequotas: servicequotasHandlers(world),
  cloudwatch: cloudwatchHandlers(world),
  ecr: ecrHandlers(world),
  ssm: ssmHandlers(world),
  imagebuilder: imagebuilderHandlers(world),
  sfn: sfnHandlers(machine),
  eventbridge: eventbridgeHandlers(world, bus),
  iam: iamHandlers(world),
  lambda: lambdaHandlers(world, invoke),
  route53: route53Handlers(world),
});

/** Every command that is simulated, by service. */
export const simulatedCommands: Record<keyof Clients, string[]> = (() => {
  const none = undefined as never;
  const named = Object.entries(handlersOf(none, none, none, none, none)).map(([service, handlers]) => [
    service,
    Object.keys(handlers),
  ]);
  return Object.fromEntries(named);
})();

export const createCloud = (options: CloudOptions) => {
  const { time, machines, timeouts } = options;
  const { latency = 'facts' } = options;
  const latencies = latency === 'facts' ? facts : latency === 'none' ? noLatencies : latency;
  const random = seededRandom(options.seed ?? 1);
  const world = createWorld({
    time,
    machines,
    latencies,
    random: seededRandom((options.seed ?? 1) + 7),
    ...(options.metricPeriod !== undefined && { metricPeriod: options.metricPeriod }),
  });
  const scaling = scalingOf(world);
  const wire: Wire = { time, latencyOf: latencies.call, calls: new Map() };

  const fetchInstance = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const instance = world.instanceAt(url.hostname);
    if (instance === undefined) {
      if (options.fetch !== undefined) return options.fetch(input, init);
      throw new TypeError(`fetch failed: nothing at ${url.host}`);
    }
    const address = machines.address(instance.id);
    if (address !== undefined) return fetch(`http://${address.host}:${address.port}${url.pathname}${url.search}`, init);
    if (!instance.answers) throw new TypeError(`fetch failed: ${instance.complaint}`);
    const broken = random() < (machines.errorRate?.(instance.image) ?? 0);
    return new Response(broken ? 'Internal Server Error' : 'ok', { status: broken ? 500 : 200 });
  };

  const clients = {} as Clients;
  /** Published versions, the first one first. */
  const versions: LambdaOptions['functions'][] = [];
  const handlers = options.functions({
    clients,
    now: time.now,
    machine: machineArn,
    fetch: fetchInstance,
    probe: functionArn('probe'),
  });
  versions.push(handlers);
  /** A version by its number; events go to the newest. */
  const dispatching = Object.fromEntries(
    Object.keys(handlers).map((name): [string, LambdaOptions['functions'][string]] => [
      name,
      (event, context) => {
        const version = versions[Number(context.functionVersion) - 1] ?? versions.at(-1);
        const handler = version?.[name] ?? handlers[name];
        if (handler === undefined) throw new Error(`local cloud: there is no function ${name}`);
        return handler(event, context);
      },
    ]),
  );
  const lambda = createLambda({
    time,
    functions: dispatching,
    timeouts,
    latency: latencies,
    ...(options.onInvoke !== undefined && { onInvoke: options.onInvoke }),
  });
  const invoke: Invoke = (name, payload) => lambda.invoke(name, payload);
  const valuesOf = (version?: number) => ({
    machine: machineArn,
    account,
    ...Object.fromEntries(Object.keys(handlers).map((name) => [name, functionArn(name, version)])),
  });
  const bus = createBus({ time, latencies, triggers: bind([...options.triggers], valuesOf()), invoke, wire });
  const machine = createMachine({
    definition: bind(options.definition, valuesOf(1)),
    arn: machineArn,
    time,
    random,
    invoke,
    transition: latencies.transition,
    ...(options.timedOutAs !== undefined && { timedOutAs: options.timedOutAs }),
    onStatus: (execution) => {
      bus.put(statusEvent(execution));
      options.onStatus?.(execution);
    },
    ...(options.onEvent !== undefined && { onEvent: options.onEvent }),
  });
  for (const [service, commands] of Object.entries(
    handlersOf(world, machine, bus, scaling, invoke) as Record<string, Handlers>,
  )) {
    Object.assign(clients, { [service]: simulatedClient(service, commands, wire) });
  }
  const close = options.schedule === true ? bus.startSchedules() : () => undefined;

  return {
    ...actions(world, bus, scaling),
    world,
    clients,
    bus,
    machine,
    traffic: createTraffic({
      world,
      random,
      errorRate: machines.errorRate ?? (() => 0),
      hangRate: machines.hangRate ?? (() => 0),
      latency: machines.latency ?? (() => ({ median: 100, spread: 0.6 })),
      ...(machines.coldness !== undefined && { coldness: machines.coldness }),
      onFailed: options.onFailed,
    }),
    /** How often each call was made, by `service:Command`. */
    calls: wire.calls,
    /** A deployment: new versions of all functions, which executions that begin from now on name, and events go to. */
    deploy: (functions: LambdaOptions['functions']): void => {
      versions.push(functions);
      machine.update(bind(options.definition, valuesOf(versions.length)));
    },
    /** Calls a function as Lambda does synchronously. */
    invoke,
    /** How often functions were called. */
    invocations: lambda.invocations,
    fetch: fetchInstance,
    /** From now on every command and every delivered event passes through the hook; undefined ends it. */
    intercept: (hook: Intercept | undefined): void => {
      wire.intercept = hook;
    },
    setUp: (service: Service, setUpOptions?: SetUp): void => setUp(world, service, setUpOptions),
    /** A service that nobody has adopted yet. */
    setUpExisting: (existing: Existing, setUpOptions?: SetUp): void =>
      setUpExisting(world, scaling, existing, setUpOptions),
    /** Ends the schedules. */
    close,
  };
};
