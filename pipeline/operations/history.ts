/** Every attempt at a rollout, and the one that somebody waits for. */
import { type RolloutHistory, rolloutsOf } from '../../core/release/history.ts';
import type { Ports } from '../ports/ports.ts';
import { namesOf } from './services.ts';

type Needs = Pick<Ports, 'ledger'>;

/** Newest first, service by service; of all services where nobody names one. */
export const history = async (ports: Needs, given: string | undefined): Promise<RolloutHistory[]> => {
  const rollouts: RolloutHistory[] = [];
  for (const name of await namesOf(ports, given)) rollouts.push(...(await rolloutsOfService(ports, name)));
  return rollouts;
};

export const rolloutsOfService = async ({ ledger }: Needs, service: string): Promise<RolloutHistory[]> =>
  rolloutsOf(service, await ledger.history(service));

/** The newest rollout of that image (a tag or label, a release, the end of a digest), or of any; undefined: nobody has published it yet. */
export const newestRollout = async (
  ports: Needs,
  service: string,
  image: string | undefined,
): Promise<RolloutHistory | undefined> =>
  (await rolloutsOfService(ports, service)).find(
    ({ label, release }) =>
      image === undefined || [label, release].includes(image) || digestOf(image).startsWith(release),
  );

/** `sha256:3f2a…` and `repository@sha256:3f2a…` → `3f2a…`, which a release begins. */
const digestOf = (image: string): string => image.slice(image.lastIndexOf(':') + 1);
