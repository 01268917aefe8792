/** Read-only access to the account behind a stage: adapters over real clients, with the caller's credentials. */

import { arnParts } from '../../core/basics/arn.ts';
import { Rejected } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import { clientOptions, eachOnce } from '../../functions/clients.ts';
import type { Environment } from '../../functions/environment.ts';
import { randomNonce } from '../../functions/nonce.ts';
import * as port from '../../functions/ports.ts';
import type { Ports } from '../../pipeline/ports/ports.ts';
import { withRoute53 } from './route53.ts';
import { prefixOf } from './stage-pipeline.ts';
import { reachesFrom } from './vpc-function.ts';

export type Looking = Pick<
  Ports,
  'fleet' | 'preflight' | 'traffic' | 'metrics' | 'ownership' | 'images' | 'inspection'
>;

/** Where its load balancer is: the region that its rules' ARNs name. */
const regionOf = ({ rules }: Service): string => arnParts(rules[0] ?? '').region;

/** `stage`: whose pipeline is asked where it stands. */
export const lookingAt = (service: Service, stage: string): Looking => {
  const region = regionOf(service);
  return lookingIn(region, `/${prefixOf(stage)}/${region}/`);
};

export const lookingIn = (region: string, roles?: string): Looking => {
  // The SDK would look for a region in the environment, which may be another one.
  const client = withRoute53(eachOnce({ ...clientOptions, region }));
  const environment: Environment = {
    client,
    store: () => {
      throw new Rejected('nothing is read of the ledger of a stage');
    },
    now: Date.now,
    nonce: randomNonce,
    fetch: null,
    probe: null,
    reaches: roles === undefined ? () => Promise.resolve(true) : reachesFrom(client, roles),
    machine: '',
    logger: { info: () => undefined, error: () => undefined },
  };
  return {
    fleet: port.fleet(environment),
    preflight: port.preflight(environment),
    traffic: port.traffic(environment),
    metrics: port.metrics(environment),
    ownership: port.ownership(environment),
    images: port.images(environment),
    inspection: port.inspection(environment),
  };
};
