/** The ledger: rows, records and events in a document store. It writes a decision of core/protocol/protocol.ts as one transaction. */
import { isDeepStrictEqual } from 'node:util';
import { Rejected, Transient } from '../../core/basics/errors.ts';
import { expectAdmitted, readAdmitted, readRecord, readRow } from '../../core/protocol/persisted.ts';
import { readEvent } from '../../core/protocol/persisted-events.ts';
import type { Row } from '../../core/protocol/row.ts';
import { attemptId, type HistoryEvent } from '../../core/release/history.ts';
import { type AttemptRecord, holderOf } from '../../core/release/publications.ts';
import type { Configurations } from '../../pipeline/ports/configurations.ts';
import type { Ledger } from '../../pipeline/ports/ledger.ts';
import { admissionChanges, admissionsOf } from './admissions.ts';
import { configurationsOf } from './configurations.ts';
import { figuresOf } from './figures.ts';
import { attemptKey, markKey } from './keys.ts';
import type { Change, QueryOptions, Store } from './store.ts';

/** Every try that finds the row changed means that somebody else's decision went through: a hundred in a row are no accident. */
const tries = 100;

const rowKey = (service: string) => ({ pk: `service#${service}`, sk: 'row' });

const recordChange = (record: AttemptRecord): Change => ({
  pk: `service#${record.service}`,
  sk: attemptKey('record', record.release, record.attempt),
  value: record,
  when: 'once',
});

const eventKey = (at: number, id: string): string => `event#${String(at).padStart(15, '0')}${id}`;

/**
 * Ordered by time, but known by its id: a step that records it again does so later, so a mark under the id alone keeps the first. Ids begin
 * with release and attempt, so the marks, which hold the event as well, list the events of one rollout.
 */
const eventChanges = (service: string, event: HistoryEvent, mark: 'absent' | 'once'): Change[] => [
  { pk: `service#${service}`, sk: markKey(event.id), value: event, when: mark },
  {
    pk: `service#${service}`,
    sk: eventKey(event.at, `#${event.id}`),
    value: event,
    when: 'once',
  },
];

const eventIn = (sk: string, value: unknown): HistoryEvent => {
  const [, at, ...id] = sk.split('#');
  return readEvent(id.join('#'), Number(at), value);
};

/** Another holder, or another reservation: names of executions that were seen of the one are no use for the other. */
const isTurn = (before: Row, after: Row): boolean => {
  const [one, other] = [before, after].map(({ token, lock }) => [token, lock.state, holderOf({ lock })]);
  return !isDeepStrictEqual(one, other);
};

/** `nonce`: 72 hex digits of chance; null: execution names have none. */
/** The steps' ledger over a store, and what `cutover apply` writes. */
export const ledgerOf = (store: Store, nonce: (() => string) | null = null): Ledger & Configurations => {
  const itemsOf = (service: string, skPrefix: string, options?: QueryOptions) =>
    store.query(`service#${service}`, skPrefix, options);
  const found = async (service: string) => {
    const { pk, sk } = rowKey(service);
    const item = await store.get(pk, sk);
    if (item === undefined) return undefined;
    const row = readRow(service, item.value);
    await believePlan(row);
    return { row, version: item.version };
  };
  const { admitted } = admissionsOf(store, readAdmitted);
  /** Whoever edits a plan would have other fleets launched and removed, and other rules led to them: it is what was admitted, or nothing is done by it. */
  const believePlan = async ({ service, plan }: Row): Promise<void> => {
    if (plan === null) return;
    const kept = await admitted(service, plan.release, plan.attempt);
    if (kept !== 'unrecorded') expectAdmitted(service, plan, kept);
  };

  /** Marks of earlier versions hold the event's time alone. Null: the event has been removed. */
  const markedEvent = async (service: string, { sk, value }: { sk: string; value: unknown }) => {
    const id = sk.slice(markKey('').length);
    if (typeof value !== 'number') return readEvent(id, (value as HistoryEvent | null)?.at ?? 0, value);
    const item = await store.get(`service#${service}`, eventKey(value, `#${id}`));
    return item === undefined ? null : readEvent(id, value, item.value);
  };

  return {
    ...configurationsOf(store, found),
    ...figuresOf(store),
    admitted,

    row: async (service) => (await found(service))?.row ?? null,

    decide: async (service, decide, { first, event } = {}) => {
      for (let attempt = 0; attempt < tries; attempt++) {
        const current = await found(service);
        if (current === undefined && first === undefined)
          throw new Rejected(`nothing was ever decided about ${service}; publish an image to it, or correct the name`);
        const before = current?.row ?? (await (first as () => Promise<Row>)());
        const decided = await decide(before);
        if (!decided.ok || !decided.changed) return decided;
        const decision =
          nonce !== null && isTurn(before, decided.row)
            ? { ...decided, row: { ...decided.row, nonce: nonce() } }
            : decided;
        const said = event?.(decision) ?? null;
        const outcome = await store.write([
          // What could not be read again is not written: it would hold up everything else.
          { ...rowKey(service), value: readRow(service, decision.row), when: current?.version ?? 'absent' },
          ...decision.records.map(recordChange),
          ...admissionChanges(current?.row, decision.row),
          ...(said === null ? [] : eventChanges(service, said, 'once')),
        ]);
        if (outcome === 'written') return decision;
      }
      throw new Transient(`the row of ${service} was changed by others ${tries} times in a row; this is tried again`);
    },

    records: async (service, release) =>
      (await itemsOf(service, `record#${release}#`)).map(({ sk, value }) => readRecord(service, sk, value)),

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

    history: async (service, limit, before) => {
      const items = await itemsOf(service, 'event#', {
        newestFirst: true,
        ...(limit !== undefined && { limit }),
        ...(before && { before: eventKey(before.at, before.id === undefined ? '' : `#${before.id}`) }),
      });
      return items.map(({ sk, value }) => eventIn(sk, value));
    },

    rolloutEvents: async (service, release, attempt) => {
      const marks = await itemsOf(service, markKey(`${attemptId({ release, attempt })}/`));
      const events = await Promise.all(marks.map((mark) => markedEvent(service, mark)));
      return events.filter((event) => event !== null).sort((a, b) => a.at - b.at);
    },
  };
};
