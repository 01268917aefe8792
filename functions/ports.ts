/** Each port over an environment. A function names the ports it uses; whatever it does not name is not in its bundle, nor in its role. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { executionsOf } from '../aws/executions.ts';
import { fleetOf } from '../aws/fleet.ts';
import { imagesOf } from '../aws/images/images.ts';
import { metricsOf } from '../aws/metrics.ts';
import { notifyOf } from '../aws/notify.ts';
import { probeOf } from '../aws/probe.ts';
import { trafficOf } from '../aws/traffic.ts';
import { ledgerOf } from '../ledger/ledger.ts';
import type { Ports } from '../steps/ports.ts';
import { clientOptions } from './aws-environment.ts';
import type { Environment } from './environment.ts';

const ec2 = ({ client }: Environment) => client('ec2', () => new EC2Client(clientOptions));
const elb = ({ client }: Environment) => client('elbv2', () => new ElasticLoadBalancingV2Client(clientOptions));
const cloudwatch = ({ client }: Environment) => client('cloudwatch', () => new CloudWatchClient(clientOptions));
const sfn = ({ client }: Environment) => client('sfn', () => new SFNClient(clientOptions));

type Make<Port extends keyof Ports> = (environment: Environment) => Ports[Port];

export const now: Make<'now'> = (environment) => environment.now;
export const ledger: Make<'ledger'> = (environment) => ledgerOf(environment.store());
export const fleet: Make<'fleet'> = (environment) => fleetOf({ ec2: ec2(environment), elb: elb(environment) });
export const traffic: Make<'traffic'> = (environment) => trafficOf({ elb: elb(environment) });
export const metrics: Make<'metrics'> = (environment) => metricsOf({ cloudwatch: cloudwatch(environment) });
export const images: Make<'images'> = (environment) =>
  imagesOf({
    ec2: ec2(environment),
    ecr: environment.client('ecr', () => new ECRClient(clientOptions)),
    ssm: environment.client('ssm', () => new SSMClient(clientOptions)),
    imagebuilder: environment.client('imagebuilder', () => new ImagebuilderClient(clientOptions)),
  });
export const executions: Make<'executions'> = (environment) =>
  executionsOf({ sfn: sfn(environment) }, environment.machine);
export const notify: Make<'notify'> = (environment) =>
  notifyOf(
    { events: environment.client('eventbridge', () => new EventBridgeClient(clientOptions)) },
    {
      lost: (error) => environment.logger.error('a notice was lost', { reason: String(error) }),
    },
  );
export const probe: Make<'probe'> = (environment) => probeOf({ ec2: ec2(environment) }, environment.fetch);

/** All of them, for the command line and for tests; a function never uses this. */
export const everyPort = (environment: Environment): Ports => ({
  ledger: ledger(environment),
  fleet: fleet(environment),
  traffic: traffic(environment),
  metrics: metrics(environment),
  images: images(environment),
  executions: executions(environment),
  notify: notify(environment),
  probe: probe(environment),
  now: environment.now,
});
