/** A pipeline as commands work with it, local or deployed. */
import { ledgerOf } from '../../adapters/ledger/ledger.ts';
import type { Environment } from '../../functions/environment.ts';
import * as port from '../../functions/ports.ts';
import type { Ports } from '../../pipeline/ports/ports.ts';

export interface Pipeline {
  ports: Pick<
    Ports,
    | 'traffic'
    | 'fleet'
    | 'preflight'
    | 'ownership'
    | 'inspection'
    | 'metrics'
    | 'executions'
    | 'images'
    | 'notify'
    | 'now'
  > & {
    ledger: ReturnType<typeof ledgerOf>;
  };
  /** Where the roles of the pipeline's functions are, each under its function's name; null where there are none. */
  roles: string | null;
  /** Where each service is reached; none where nobody knows. */
  urls: Record<string, string[]>;
  /** Tells the pipeline that configurations have changed, and answers where each service is reached then. */
  configured(): Promise<Record<string, string[]>>;
}

/** Every port that a person's commands use. */
export const portsOver = (environment: Environment): Pipeline['ports'] => ({
  ledger: ledgerOf(environment.store()),
  traffic: port.traffic(environment),
  fleet: port.fleet(environment),
  preflight: port.preflight(environment),
  ownership: port.ownership(environment),
  inspection: port.inspection(environment),
  metrics: port.metrics(environment),
  executions: port.executions(environment),
  images: port.images(environment),
  notify: port.notify(environment),
  now: environment.now,
});
