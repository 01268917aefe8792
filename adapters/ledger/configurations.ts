/** The services' configurations: the current one, and every version with its author and commit. */
import { isDeepStrictEqual } from 'node:util';
import { Rejected, Transient } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import { readService } from '../../core/protocol/persisted.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Applied, Authorship, Configurations } from '../../pipeline/ports/configurations.ts';
import type { Change, Store } from './store.ts';

/** What is kept per version, as it was written; a removed service is one whose current version says null. */
interface Version extends Authorship {
  service: Service | null;
}

type Current = { version: number; service: Service | null };
/** What is kept of the service; whatever is no version of one is for its reader to refuse. */
const serviceIn = (value: unknown): Service | null =>
  typeof value === 'object' && value !== null ? (value as Version).service : (value as unknown as Service);

type FindRow = (service: string) => Promise<{ row: Row; version: number } | undefined>;

const tries = 10;

export const configurationsOf = (store: Store, findRow: FindRow): Configurations => {
  const current = async (name: string): Promise<Current> => {
    const item = await store.get('config', name);
    return { version: item?.version ?? 0, service: item === undefined ? null : serviceIn(item.value) };
  };
  const services = async (): Promise<string[]> =>
    (await store.query('config', '')).flatMap(({ sk, value }) => (serviceIn(value) === null ? [] : [sk]));

  /** The live fleet stands in the slots as they are: with others under the same names, its traffic would be led away from it. */
  const refuseOtherSlots = async (service: Service): Promise<void> => {
    const { service: before } = await current(service.name);
    // Of one that lacks them nobody knows which they were, and this is how it is mended.
    if (before?.slots === undefined || isDeepStrictEqual(before.slots, service.slots)) return;
    const found = await findRow(service.name);
    if (found !== undefined && (found.row.live !== null || found.row.lock.state !== 'free'))
      throw new Rejected(
        `${service.name} is live in its slots and cannot be given others (${service.slots.blue}, ${service.slots.green}); keep them, or configure a service of another name`,
      );
  };

  /** Throws Rejected for a service in a rollout; otherwise its row, as a change that holds only while nobody takes it. */
  const atRest = async (name: string): Promise<Change[]> => {
    const found = await findRow(name);
    if (found === undefined) return [];
    const { row, version } = found;
    if (row.lock.state !== 'free')
      throw new Rejected(
        `${name} is not in the configuration any more but a rollout of ${row.lock.publication.release} holds it; wait for its end, abort it, or keep the service`,
      );
    return [{ pk: `service#${name}`, sk: 'row', value: row, when: version }];
  };

  const put = async (name: string, service: Service | null, authorship: Authorship): Promise<keyof Applied> => {
    for (let attempt = 0; attempt < tries; attempt++) {
      const { version, service: before } = await current(name);
      if (isDeepStrictEqual(before, service)) return 'unchanged';
      const value: Version = { service, ...authorship };
      const written = await store.write([
        { pk: 'config', sk: name, value, when: version === 0 ? 'absent' : version },
        { pk: `config#${name}`, sk: String(version + 1).padStart(6, '0'), value, when: 'absent' },
        ...(service === null ? await atRest(name) : []),
      ]);
      if (written === 'written') return service === null ? 'removed' : before === null ? 'added' : 'changed';
    }
    throw new Transient(`the configuration of ${name} is being changed by others; apply again`);
  };

  return {
    configuration: async (name) => {
      const { service } = await current(name);
      return service === null ? null : readService(name, service);
    },
    services,
    applyConfiguration: async (configured, { author, commit, at }) => {
      const kept = new Set(configured.map(({ name }) => name));
      const gone = (await services()).filter((name) => !kept.has(name));
      for (const name of gone) await atRest(name);
      for (const service of configured) await refuseOtherSlots(service);
      const applied: Applied = { added: [], changed: [], unchanged: [], removed: [] };
      for (const service of configured)
        applied[await put(service.name, service, { author, commit, at })].push(service.name);
      for (const name of gone) applied[await put(name, null, { author, commit, at })].push(name);
      return applied;
    },
  };
};
