/**
 * What an earlier run of the local cloud has left in the ledger: its history, records and configurations stay, and so do its images.
 * Its instances and executions have ended with it: what was live is not, and what was under way has come to its end.
 */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerOf } from '../../adapters/ledger/ledger.ts';
import { isDamage, type SqliteStore, sqliteStore } from '../../adapters/ledger/sqlite.ts';
import { messageOf, Rejected } from '../../core/basics/errors.ts';
import { allOn } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import { type AttemptRecord, holderOf, type Publication } from '../../core/release/publications.ts';
import { describe } from '../../local/registry.ts';
import type { World } from '../../local/simulated/world.ts';
import { publishedImages } from '../../pipeline/operations/published-images.ts';
import { eventOf } from '../../pipeline/shared/record.ts';

type Ledger = ReturnType<typeof ledgerOf>;

/** Who says in the ledger what a restart has ended. */
const restarted = 'local up';

/** SQLite's file, its write-ahead log, and the log's index: a killed run leaves all three. */
const parts = ['', '-wal', '-shm'];

const ledgerFile = (data: string): string => join(data, 'ledger.sqlite');

const opened = async (file: string): Promise<SqliteStore> => {
  const store = await sqliteStore(file);
  try {
    store.check();
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
};

/** Opens the ledger of the data folder. A damaged one is set aside, and `note` says so; one that the system refuses stays in its place. */
export const openLedger = async (data: string): Promise<{ store: SqliteStore; note: string | null }> => {
  const file = ledgerFile(data);
  try {
    return { store: await opened(file), note: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 17);
    const aside = join(data, `ledger-${stamp}.sqlite`);
    for (const part of parts) if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${aside}${part}`);
    const note = `${messageOf(error)}: it is set aside as ${aside}, and history begins anew`;
    return { store: await sqliteStore(file), note };
  }
};

const rowServices = (store: SqliteStore): string[] =>
  store.holding('row').map((partition) => partition.replace(/^service#/, ''));

/** When the newest event was told, in epoch milliseconds; 0: there is none. Time goes on from there, though the clock was set back meanwhile. */
export const newestAt = async (store: SqliteStore): Promise<number> => {
  const ledger = ledgerOf(store);
  const newest = await Promise.all(rowServices(store).map((service) => ledger.history(service, 1)));
  return Math.max(0, ...newest.flat().map(({ at }) => at));
};

const interrupted = 'the local cloud ended while this was under way, and its instances with it';

const isOver = ({ lock, live, next }: Row): boolean => lock.state === 'free' && live === null && next === null;

/** Events that tell it, and the record of each attempt that has none yet. */
const told = (row: Row, now: number): { events: HistoryEvent[]; records: AttemptRecord[] } => {
  const { service, live } = row;
  const open = [holderOf(row), row.next].filter((one): one is Publication => one !== null);
  const over = open.map(({ release, attempt }) =>
    eventOf({ service, release, attempt }, now, restarted, 'finished', interrupted, {
      data: { outcome: 'superseded', reason: interrupted },
    }),
  );
  const text = `${live?.image.label} (${live?.release}) is not live any more: its instances ended with the local cloud`;
  const ended =
    live === null
      ? []
      : [eventOf({ ...live, service }, now, restarted, 'removed', text, { data: { slot: live.slot, ended: true } })];
  return {
    events: [...over, ...ended],
    records: open.map(({ release, image, attempt }) => ({
      service,
      release,
      image,
      attempt,
      outcome: 'superseded',
      reason: interrupted,
      at: now,
    })),
  };
};

const endService = async (ledger: Ledger, service: string, now: number): Promise<string[]> => {
  const row = await ledger.row(service);
  if (row === null || isOver(row)) return [];
  const { events, records } = told(row, now);
  for (const event of events) await ledger.append(service, event);
  const { token, wanted } = row;
  const empty: Row = {
    ...firstRow(service, allOn('blue'), now),
    token: token + 1,
    wanted: { weights: allOn('blue'), seq: wanted.seq + 1, since: now },
  };
  await ledger.decide(service, () => ({ ok: true, changed: true, row: empty, records }));
  const { live } = row;
  const held = holderOf(row);
  return [
    ...(live === null
      ? []
      : [
          `${service}: ${live.image.label} was live in the earlier run; cutover deploy ${service} ${live.release} brings it back`,
        ]),
    ...(held === null
      ? []
      : [`${service}: the rollout of ${held.image.label} (${held.release}) ended with the earlier run`]),
  ];
};

/** Ends in the ledger what has ended in fact. Answers what people should know of it. A row that cannot be read is left for `status` to tell. */
export const endEarlierRun = async (store: SqliteStore, now: number): Promise<string[]> => {
  const ledger = ledgerOf(store);
  const notes: string[] = [];
  for (const service of rowServices(store))
    try {
      notes.push(...(await endService(ledger, service, now)));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      notes.push(error.message);
    }
  return notes;
};

/**
 * Puts frozen images of earlier runs into the repository again, without tags: a command that names one finds it, and they are not the
 * newest that anybody has pushed.
 */
export const restoreImages = async (world: World, ledger: Ledger, registry: string, services: readonly Service[]) => {
  for (const { name, image } of services) {
    if (image.kind !== 'ecr') continue;
    const there = world.repositories.get(image.repository) ?? [];
    const events = await ledger.history(name);
    for (const { reference } of publishedImages(events).reverse()) {
      const digest = reference.slice(reference.lastIndexOf('@') + 1);
      if (there.some((one) => one.digest === digest) || (await describe(registry, digest)) === null) continue;
      const at = events.findLast(({ kind, data }) => kind === 'published' && referenceIn(data) === reference)?.at ?? 0;
      there.push({ digest, tags: [], pushedAt: at, artifact: undefined });
    }
    world.repositories.set(image.repository, there);
  }
};

const referenceIn = (data: HistoryEvent['data']): unknown =>
  (data?.image as { reference?: unknown } | undefined)?.reference;
