/** Where `cutover doctor` looks: a pipeline that is there, or the account before the first deployment. */
import type { Service } from '../../core/config/service.ts';
import type { Needs } from '../../pipeline/operations/doctor/entry.ts';
import type { Ports } from '../../pipeline/ports/ports.ts';
import type { Place } from '../context.ts';
import { withPipeline } from './connect.ts';
import { NoPipeline } from './no-pipeline.ts';

export interface Examined {
  ports: Needs & { ledger: Pick<Ports['ledger'], 'row' | 'services' | 'configuration'> };
  roles: string | null;
  /** Null: here is nothing to deploy, as in the local cloud. */
  deployed: boolean | null;
}

/** `services`: of a configuration file, which an account without a pipeline can be examined for; null: those in force. */
export const examinedAt = async <T>(
  place: Place,
  services: readonly Service[] | null,
  run: (examined: Examined) => Promise<T>,
): Promise<T> => {
  try {
    return await withPipeline(place, ({ ports, roles }) =>
      run({ ports, roles, deployed: roles === null ? null : true }),
    );
  } catch (error) {
    const [service] = services ?? [];
    if (!(error instanceof NoPipeline) || service === undefined) throw error;
    const { lookingAt } = await import('./account.ts');
    // A pipeline and its services are in one region.
    const ports = lookingAt(service, place.stage ?? '');
    const nothing = () => Promise.resolve(null);
    const ledger = { row: nothing, configuration: nothing, services: () => Promise.resolve([]) };
    return run({ ports: { ...ports, ledger }, roles: null, deployed: false });
  }
};
