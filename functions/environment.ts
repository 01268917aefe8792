/** What a function needs from outside: SDK clients, the ledger's store, time, HTTP and a log. The local cloud passes its own. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Store } from '../adapters/ledger/store.ts';

export interface Environment {
  /** One SDK client per service and process. The local cloud answers with its own and never calls `make`. */
  client<T>(service: ClientName, make: (options: ClientOptions) => T): T;
  store(): Store;
  now(): number;
  /** 72 hex digits of chance. */
  nonce(): string;
  /** What stands for the network where instances are, as in the local cloud; null: the network itself. */
  fetch: typeof fetch | null;
  /** ARN of the function that sends requests into the VPC; null: there is none, and they are sent from here. */
  probe: string | null;
  /** Whether requests into the VPC arrive: to instances, and to a Prometheus there. */
  reaches(): Promise<boolean>;
  /** ARN of the state machine. */
  machine: string;
  logger: Pick<Logger, 'info' | 'error'>;
}

/** What every SDK client is made with. */
export interface ClientOptions {
  maxAttempts: number;
  /** Milliseconds. */
  requestHandler: { connectionTimeout: number };
  region?: string;
}

/** Clients that the local cloud answers for; its ledger needs none. */
export const cloudClients = [
  'ec2',
  'elbv2',
  'autoscaling',
  'servicequotas',
  'cloudwatch',
  'ecr',
  'ssm',
  'imagebuilder',
  'sfn',
  'eventbridge',
  'iam',
  'lambda',
  'route53',
] as const;

export type ClientName = (typeof cloudClients)[number] | 'dynamodb';
