/** The document store in plain memory, which stories and thousands of rollouts a minute are played on. test/adapters/contracts holds every store to one suite. */
import type { Change, Item, Store } from '../../adapters/ledger/store.ts';

/** A value of its own, which no reader can change: all readers share it. */
const kept = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part) => (typeof part === 'object' ? Object.freeze(part) : part));

interface Table {
  items: Map<string, Item>;
  /** In order. */
  keys: string[];
}

/** How many keys come before this one. Most keys of a history are newer than all others. */
const placeOf = (keys: readonly string[], key: string): number => {
  let from = 0;
  let to = keys.length;
  if ((keys.at(-1) ?? '') < key) return to;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((keys[middle] as string) < key) from = middle + 1;
    else to = middle;
  }
  return from;
};

export const memoryStore = (): Store => {
  const tables = new Map<string, Table>();
  const holds = ({ pk, sk, when }: Change): boolean => {
    const there = tables.get(pk)?.items.get(sk);
    if (typeof when === 'number') return there?.version === when;
    return when === 'absent' ? there === undefined : true;
  };
  const put = ({ pk, sk, value, when }: Change): void => {
    const table = tables.get(pk) ?? { items: new Map(), keys: [] };
    tables.set(pk, table);
    const there = table.items.get(sk);
    if (there === undefined) table.keys.splice(placeOf(table.keys, sk), 0, sk);
    else if (when === 'once') return;
    table.items.set(sk, { value: kept(value), version: (there?.version ?? 0) + 1 });
  };
  return {
    get: async (pk, sk) => tables.get(pk)?.items.get(sk),
    query: async (
      pk,
      prefix,
      { limit = Number.POSITIVE_INFINITY, before, newestFirst = before !== undefined } = {},
    ) => {
      const { keys, items } = tables.get(pk) ?? { keys: [], items: new Map<string, Item>() };
      const found = keys.slice(placeOf(keys, prefix), placeOf(keys, before ?? `${prefix}\u{10ffff}`));
      if (newestFirst) found.reverse();
      return found.slice(0, limit).map((sk) => ({ sk, ...(items.get(sk) as Item) }));
    },
    write: async (changes) => {
      if (!changes.every(holds)) return 'conflict';
      changes.forEach(put);
      return 'written';
    },
  };
};
