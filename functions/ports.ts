/** Makes each port from an environment. A port that a function does not name is neither in its bundle nor in its role. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Client } from '../adapters/aws/client.ts';
import { executionsOf } from '../adapters/aws/executions.ts';
import { fleetOf } from '../adapters/aws/fleet.ts';
import { imagesOf } from '../adapters/aws/images/images.ts';
import { inspectionOf } from '../adapters/aws/inspection.ts';
import { probeOf } from '../adapters/aws/load-balancer/probe.ts';
import { trafficOf } from '../adapters/aws/load-balancer/traffic.ts';
import { ownershipOf } from '../adapters/aws/ownership.ts';
import { preflightOf } from '../adapters/aws/preflight/preflight.ts';
import { ledgerOf } from '../adapters/ledger/ledger.ts';
import { cloudwatchOf } from '../adapters/metrics/cloudwatch.ts';
import { metricsOf } from '../adapters/metrics/metrics.ts';
import { notifyOf } from '../adapters/notifications/eventbridge.ts';
import type { Get } from '../adapters/requests/get.ts';
import { getHere } from '../adapters/requests/send.ts';
import { getThrough } from '../adapters/requests/through-function.ts';
import type { Ports } from '../pipeline/ports/ports.ts';
import type { Environment } from './environment.ts';

const ec2 = ({ client }: Environment) => client('ec2', (options) => new EC2Client(options));
const autoscaling = ({ client }: Environment) => client('autoscaling', (options) => new AutoScalingClient(options));
const elb = ({ client }: Environment) => client('elbv2', (options) => new ElasticLoadBalancingV2Client(options));
const cloudwatch = ({ client }: Environment) => client('cloudwatch', (options) => new CloudWatchClient(options));
const sfn = ({ client }: Environment) => client('sfn', (options) => new SFNClient(options));

/** Where a function stands in the VPC, requests to there go through it. */
const getInside = ({ client, fetch, probe: through }: Environment): Get =>
  through === null
    ? getHere(fetch)
    : getThrough(
        client('lambda', (options) => new LambdaClient(options)),
        through,
      );

type Make<Port extends keyof Ports> = (environment: Environment) => Ports[Port];

export const now: Make<'now'> = (environment) => environment.now;
export const ledger: Make<'ledger'> = (environment) => ledgerOf(environment.store(), environment.nonce);
export const fleet: Make<'fleet'> = (environment) =>
  fleetOf({ ec2: ec2(environment), elb: elb(environment), autoscaling: autoscaling(environment) });
export const preflight: Make<'preflight'> = (environment) =>
  preflightOf(
    {
      ec2: ec2(environment),
      elb: elb(environment),
      autoscaling: autoscaling(environment),
      cloudwatch: cloudwatch(environment),
      quotas: environment.client('servicequotas', (options) => new ServiceQuotasClient(options)),
    },
    environment.now,
    environment.reaches,
  );
/** Of the command line; no function takes anything over. */
export const ownership: Make<'ownership'> = (environment) =>
  ownershipOf({ ec2: ec2(environment), elb: elb(environment), autoscaling: autoscaling(environment) });
/** The command line brings its own; no function asks for names. */
const noRoute53 = (): Client => {
  throw new Error('Route 53 is asked by the command line alone: expected its client in the environment');
};

/** Of the command line, too. */
export const inspection: Make<'inspection'> = (environment) =>
  inspectionOf({
    ec2: ec2(environment),
    elb: elb(environment),
    autoscaling: autoscaling(environment),
    iam: environment.client('iam', (options) => new IAMClient(options)),
    lambda: environment.client('lambda', (options) => new LambdaClient(options)),
    events: environment.client('eventbridge', (options) => new EventBridgeClient(options)),
    quotas: environment.client('servicequotas', (options) => new ServiceQuotasClient(options)),
    route53: environment.client('route53', noRoute53),
  });
export const traffic: Make<'traffic'> = (environment) => trafficOf({ elb: elb(environment) });
/** For functions that ask for alarms alone: what asks another source for figures stays out of their bundle. */
export const alarms: Make<'metrics'> = (environment) => cloudwatchOf({ cloudwatch: cloudwatch(environment) });
export const metrics: Make<'metrics'> = (environment) =>
  metricsOf({ cloudwatch: cloudwatch(environment), get: getInside(environment) });
export const images: Make<'images'> = (environment) =>
  imagesOf({
    ec2: ec2(environment),
    ecr: environment.client('ecr', (options) => new ECRClient(options)),
    ssm: environment.client('ssm', (options) => new SSMClient(options)),
    imagebuilder: environment.client('imagebuilder', (options) => new ImagebuilderClient(options)),
  });
export const executions: Make<'executions'> = (environment) =>
  executionsOf({ sfn: sfn(environment) }, environment.machine);
/** Logged as well: the pipeline's own metrics are counted out of these lines, see infra/observability.ts. */
export const notify: Make<'notify'> = (environment) => {
  const send = notifyOf(
    { events: environment.client('eventbridge', (options) => new EventBridgeClient(options)) },
    {
      lost: (error) => environment.logger.error('a notice was lost', { reason: String(error) }),
    },
  );
  return async (event) => {
    const { service, release, attempt, kind, by, data = {} } = event;
    environment.logger.info('told', { service, release, attempt, kind, by, data });
    await send(event);
  };
};
export const probe: Make<'probe'> = (environment) =>
  probeOf({ ec2: ec2(environment), elb: elb(environment) }, getInside(environment));
/** Of the function that stands in the VPC; the others ask through it. */
export const get = ({ fetch }: Environment): Get => getHere(fetch);

/** All of them, for the command line and for tests; a function never uses this. */
export const everyPort = (environment: Environment): Ports => ({
  ledger: ledger(environment),
  fleet: fleet(environment),
  preflight: preflight(environment),
  ownership: ownership(environment),
  inspection: inspection(environment),
  traffic: traffic(environment),
  metrics: metrics(environment),
  images: images(environment),
  executions: executions(environment),
  notify: notify(environment),
  probe: probe(environment),
  now: environment.now,
});
