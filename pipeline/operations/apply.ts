/** Makes a configuration the one that new rollouts follow. On a deployed pipeline, everything that it names has to exist. */

import { localOnlyProblems } from '../../core/config/local-only.ts';
import type { Problem } from '../../core/config/problems.ts';
import type { Service } from '../../core/config/service.ts';
import type { Applied, Configurations } from '../ports/configurations.ts';
import type { Ports } from '../ports/ports.ts';
import type { Author } from './configure.ts';
import { unresolvedNames } from './references.ts';

type Needs = Pick<Ports, 'ownership' | 'metrics' | 'fleet' | 'now'> & { ledger: Configurations };

export interface Application {
  services: Service[];
  by: Author;
  /** False for the local cloud, which creates what a configuration names. On AWS everything has to exist. */
  lookUp: boolean;
  /** Called after each service that was looked up. */
  onService?: () => void;
}

/** Returns every name that does not exist, before anything is written; or what was applied. */
export const apply = async (
  ports: Needs,
  { services, by, lookUp, onService }: Application,
): Promise<{ ok: true; applied: Applied } | { ok: false; problems: Problem[] }> => {
  const problems = lookUp
    ? [...services.flatMap(localOnlyProblems), ...(await unresolvedNames(ports, services, onService))]
    : [];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, applied: await ports.ledger.applyConfiguration(services, { ...by, at: ports.now() }) };
};
