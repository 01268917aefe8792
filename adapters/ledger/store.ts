/** The interface of a document store: JSON values under two keys, several changes in one transaction. One test suite covers all stores. */

export interface Item {
  /** Plain JSON; the text itself where a person's edit has left none. */
  value: unknown;
  /** 1 when first written, one more with each change. */
  version: number;
}

export interface Change {
  pk: string;
  sk: string;
  /** Plain JSON. */
  value: unknown;
  /**
   * What must be stored now: the version that was read, nothing (`absent`), or anything (`any`).
   * `once` writes if nothing is there and otherwise leaves what is there, which is no conflict: for what may be said twice.
   */
  when: number | 'absent' | 'any' | 'once';
  /** Epoch seconds: from then on the store may remove the item, some days later or never. Absent: it stays. */
  expires?: number;
}

export interface QueryOptions {
  /** At most so many; all of them when absent. */
  limit?: number;
  /** By descending key instead of ascending. */
  newestFirst?: boolean;
  /** Only items whose second key comes before this one, newest first. It begins with the prefix; there need be no such item. */
  before?: string;
}

export interface Store {
  /** As of all writes that were answered before. */
  get(pk: string, sk: string): Promise<Item | undefined>;
  /** All items whose second key begins with the prefix, ordered by it (by UTF-8 bytes). */
  query(pk: string, skPrefix: string, options?: QueryOptions): Promise<(Item & { sk: string })[]>;
  /**
   * All changes or none, 100 at most, each to another item. `conflict`: nothing was written, because a `when` did not hold or another
   * transaction was at the same item; read again before the next try.
   */
  write(changes: Change[]): Promise<'written' | 'conflict'>;
}

/** A value that is no JSON any more holds up whoever reads it by name, and nobody who lists it among others. */
export const valueIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
