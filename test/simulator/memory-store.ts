/** The document store in plain memory: what thousands of rollouts a minute are played on. test/contracts holds the others to one suite; this one is held to it, too. */
import type { Change, Item, Store } from '../../adapters/ledger/store.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export const memoryStore = (): Store => {
  const tables = new Map<string, Map<string, Item>>();
  const of = (pk: string): Map<string, Item> => {
    const known = tables.get(pk) ?? new Map<string, Item>();
    tables.set(pk, known);
    return known;
  };
  const holds = ({ pk, sk, when }: Change): boolean => {
    const there = tables.get(pk)?.get(sk);
    if (typeof when === 'number') return there?.version === when;
    return when === 'absent' ? there === undefined : true;
  };
  const put = ({ pk, sk, value, when }: Change): void => {
    const there = of(pk).get(sk);
    if (when === 'once' && there !== undefined) return;
    of(pk).set(sk, { value: plain(value), version: (there?.version ?? 0) + 1 });
  };
  return {
    get: async (pk, sk) => tables.get(pk)?.get(sk),
    query: async (pk, prefix, { limit = Number.POSITIVE_INFINITY, newestFirst = false } = {}) => {
      const keys = [...(tables.get(pk)?.keys() ?? [])].filter((sk) => sk.startsWith(prefix)).sort();
      if (newestFirst) keys.reverse();
      return keys.slice(0, limit).map((sk) => ({ sk, ...(of(pk).get(sk) as Item) }));
    },
    write: async (changes) => {
      if (!changes.every(holds)) return 'conflict';
      changes.forEach(put);
      return 'written';
    },
  };
};
