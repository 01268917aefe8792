/** The document store on SQLite: a file that several processes may open, or `:memory:` for virtual time. */
import type { DatabaseSync } from 'node:sqlite';
import { messageOf, Rejected, Transient } from '../../core/basics/errors.ts';
import { type Change, type Item, type Store, valueIn } from './store.ts';

const schema = `
  create table if not exists items (
    pk text not null, sk text not null, value text not null, version integer not null,
    primary key (pk, sk)
  ) strict, without rowid`;

/** Milliseconds that a write waits for another process's transaction. */
const busyTimeout = 5_000;
const busyCodes = [5, 6];
const fullCode = 13;
/** Malformed, and no database at all. */
const damagedCodes = [11, 26];

interface Stored {
  sk: string;
  value: string;
  version: number;
}

/** Items whose parsed value is kept: a row is read several times per step and changes once in a while. */
const mostRead = 100;

/** What several readers share, none may change. */
const frozen = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
};

const itemOf = ({ value, version }: Stored): Item => ({ value: valueIn(value), version });

export interface SqliteStore extends Store {
  /** The first keys under which there is an item with this second key. */
  holding(sk: string): string[];
  /** Reads the whole file. Throws Rejected, as isDamage tells, where a part of it is damaged. */
  check(): void;
  close(): void;
}

/**
 * Opens the store, creating the file if there is none. Throws Rejected when the file cannot be used, Transient while another process
 * keeps it locked for longer than the busy timeout.
 */
export const sqliteStore = async (path: string): Promise<SqliteStore> => {
  const database = await open(path);
  const said = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw failure(path, error);
    }
  };
  const selectOne = database.prepare('select sk, value, version from items where pk = ? and sk = ?');
  const selectVersion = database.prepare('select version from items where pk = ? and sk = ?');
  const select = (order: string) =>
    database.prepare(
      `select sk, value, version from items where pk = ? and sk >= ? and sk < ? order by sk ${order} limit ?`,
    );
  const ascending = select('asc');
  const descending = select('desc');
  const selectHolding = database.prepare('select pk from items where sk = ? order by pk');
  const insert = database.prepare('insert into items values (?, ?, ?, 1) on conflict do nothing');
  const upsert = database.prepare(
    'insert into items values (?, ?, ?, 1) on conflict do update set value = excluded.value, version = version + 1',
  );
  const update = database.prepare(
    'update items set value = ?, version = version + 1 where pk = ? and sk = ? and version = ?',
  );
  const read = new Map<string, Item>();
  // Immediate: a transaction that began with a read could not become a writer while another one writes, however long it waits.
  const begin = database.prepare('begin immediate');
  const commit = database.prepare('commit');
  const rollback = database.prepare('rollback');

  const holds = ({ pk, sk, value, when }: Change): boolean => {
    const json = JSON.stringify(value);
    if (typeof when === 'number') return update.run(json, pk, sk, when).changes === 1;
    if (when === 'any') return upsert.run(pk, sk, json).changes === 1;
    return insert.run(pk, sk, json).changes === 1 || when === 'once';
  };
  const together = (changes: Change[]): boolean => {
    begin.run();
    try {
      const all = changes.every(holds);
      (all ? commit : rollback).run();
      return all;
    } catch (error) {
      if (database.isTransaction) rollback.run();
      throw error;
    }
  };

  return {
    get: async (pk, sk) =>
      said(() => {
        const key = `${pk}\n${sk}`;
        const known = read.get(key);
        if (known !== undefined) {
          const current = selectVersion.get(pk, sk) as { version: number } | undefined;
          if (current?.version === known.version) return known;
        }
        const stored = selectOne.get(pk, sk) as Stored | undefined;
        if (stored === undefined) return undefined;
        const item = frozen(itemOf(stored));
        if (read.size >= mostRead) read.clear();
        read.set(key, item);
        return item;
      }),
    query: async (pk, skPrefix, { limit = -1, before, newestFirst = before !== undefined } = {}) =>
      said(() => {
        const end = before ?? `${skPrefix}\u{10ffff}`;
        const rows = (newestFirst ? descending : ascending).all(pk, skPrefix, end, limit);
        return (rows as unknown as Stored[]).map((stored) => ({ sk: stored.sk, ...itemOf(stored) }));
      }),
    write: async (changes) =>
      said(() => ((changes.length === 1 ? changes.every(holds) : together(changes)) ? 'written' : 'conflict')),
    holding: (sk) => said(() => (selectHolding.all(sk) as { pk: string }[]).map(({ pk }) => pk)),
    check: () =>
      said(() => {
        const found = database.prepare('pragma quick_check(1)').get()?.quick_check;
        if (found !== 'ok') throw Object.assign(new Error(String(found)), { errcode: damagedCodes[0] });
      }),
    close: () => database.close(),
  };
};

const open = async (path: string): Promise<DatabaseSync> => {
  // Imported late: Node has it from 22.13 on, and only who uses the local ledger needs it.
  const { DatabaseSync } = await import('node:sqlite').catch(() => {
    throw new Rejected(`the local ledger needs Node 22.13 or newer for node:sqlite, this is ${process.version}`);
  });
  try {
    const database = new DatabaseSync(path, { timeout: busyTimeout });
    // With a write-ahead log readers and the writer do not wait for each other, and a killed process leaves nothing half-written.
    database.exec('pragma journal_mode = wal; pragma synchronous = normal');
    database.exec(schema);
    return database;
  } catch (error) {
    throw failure(path, error);
  }
};

/** The result codes' low byte is the kind; the rest says where in SQLite it arose. */
const kindOf = (error: unknown): number => ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff;

const failure = (path: string, error: unknown): Error => {
  if (busyCodes.includes(kindOf(error)))
    return new Transient(`the ledger ${path} is kept locked by another process; end it, or try again`, {
      cause: error,
    });
  if (kindOf(error) === fullCode)
    return new Transient(`the disk is full, the ledger ${path} cannot be written: free some space, then try again`, {
      cause: error,
    });
  return new Rejected(`the ledger ${path} cannot be used (${messageOf(error)}); it has to be a writable SQLite file`, {
    cause: error,
  });
};

/** The file's contents are no ledger: it is not the disk, a permission or another process. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Rejected && damagedCodes.includes(kindOf(error.cause));
