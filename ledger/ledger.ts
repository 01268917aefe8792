/** Rows, records and events over a document store. What a decision is stands in core/protocol.ts; here it becomes one transaction. */
import { Rejected, Transient } from '../core/errors.ts';
import type { HistoryEvent } from '../core/history.ts';
import type { AttemptRecord, Row } from '../core/row.ts';
import type { Ledger } from '../steps/ports.ts';
import { type Configurations, configurationsOf } from './configurations.ts';
import type { Change, Store } from './store.ts';

/** Every try that finds the row changed means that somebody else's decision went through: a hundred in a row are no accident. */
const tries = 100;

const rowKey = (service: string) => ({ pk: `service#${service}`, sk: 'row' });

const recordChange = (record: AttemptRecord): Change => ({
  pk: `service#${record.service}`,
  sk: `record#${record.release}#${String(record.attempt).padStart(6, '0')}`,
  value: record,
  when: 'once',
});

/** Ordered by time, but known by its id: a step that says it again says it later, so a mark under the id alone keeps the first. */
const eventChanges = (service: string, event: HistoryEvent, mark: 'absent' | 'once'): Change[] => [
  { pk: `service#${service}`, sk: `said#${event.id}`, value: event.at, when: mark },
  {
    pk: `service#${service}`,
    sk: `event#${String(event.at).padStart(15, '0')}#${event.id}`,
    value: event,
    when: 'once',
  },
];

/** The steps' ledger over a store, and what `cutover apply` writes. */
export const ledgerOf = (store: Store): Ledger & Configurations => {
  const valuesOf = async <T>(
    service: string,
    skPrefix: string,
    options?: { limit?: number; newestFirst?: boolean },
  ) => {
    const items = await store.query(`service#${service}`, skPrefix, options);
    return items.map(({ value }) => value as T);
  };
  const found = async (service: string) => {
    const { pk, sk } = rowKey(service);
    const item = await store.get(pk, sk);
    return item && { row: item.value as Row, version: item.version };
  };

  return {
    ...configurationsOf(store, found),

    row: async (service) => (await found(service))?.row ?? null,

    decide: async (service, decide, { first, event } = {}) => {
      for (let attempt = 0; attempt < tries; attempt++) {
        const current = await found(service);
        if (current === undefined && first === undefined)
          throw new Rejected(`nothing was ever decided about ${service}; publish an image to it, or correct the name`);
        const decision = await decide(current?.row ?? (await (first as () => Promise<Row>)()));
        if (!decision.ok || !decision.changed) return decision;
        const said = event?.(decision) ?? null;
        const outcome = await store.write([
          { ...rowKey(service), value: decision.row, when: current?.version ?? 'absent' },
          ...decision.records.map(recordChange),
          ...(said === null ? [] : eventChanges(service, said, 'once')),
        ]);
        if (outcome === 'written') return decision;
      }
      throw new Transient(`the row of ${service} was changed by others ${tries} times in a row; this is tried again`);
    },

    records: (service, release) => valuesOf<AttemptRecord>(service, `record#${release}#`),

    append: async (service, event) => {
      const changes = eventChanges(service, event, 'absent');
      const [{ pk, sk }] = changes as [Change];
      for (let attempt = 0; attempt < tries; attempt++) {
        if ((await store.write(changes)) === 'written') return;
        if ((await store.get(pk, sk)) !== undefined) return;
      }
      throw new Transient(
        `the history of ${service} was written by others ${tries} times in a row; this is tried again`,
      );
    },

    history: (service, limit) =>
      valuesOf<HistoryEvent>(service, 'event#', { newestFirst: true, ...(limit !== undefined && { limit }) }),
  };
};
