/** The environment of a function without AWS rights: time, HTTP and a log. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { Environment } from './environment.ts';
import { randomNonce } from './nonce.ts';

const none = (): never => {
  throw new Error('this function has no rights, and asks AWS for nothing');
};

export const bareEnvironment = (): Environment => ({
  client: none,
  store: none,
  now: Date.now,
  nonce: randomNonce,
  fetch: null,
  probe: null,
  reaches: () => Promise.resolve(true),
  machine: '',
  logger: new Logger({ serviceName: 'cutover' }),
});
