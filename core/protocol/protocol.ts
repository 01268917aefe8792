/**
 * The row protocol: every decision about a service is one of these transitions, written by compare-and-set. Effects only apply what the row
 * says. A transition consists of its guards, each with a reason for its refusal, and of the change that it makes. docs/safety.md numbers
 * them, and test/model searches all interleavings, with all guards and with each one left out.
 */

import type { AttemptRecord } from '../release/publications.ts';
import { type Change, changes } from './changes.ts';
import { type Guard, guards } from './guards.ts';
import type { Row } from './row.ts';

/** A change to write, with the records that belong to the same transaction; or a refusal, which is a value with its reason. */
export type Decision =
  | { ok: true; row: Row; records: AttemptRecord[]; changed: boolean }
  | { ok: false; guard: string; reason: string };

type Changes = typeof changes;
type RequestOf<K extends keyof Changes> = Changes[K] extends (row: Row, request: infer R) => unknown ? R : unknown;
export type Protocol = { [K in keyof Changes]: (row: Row, request: RequestOf<K>) => Decision };
export type GuardTable = { [K in keyof Changes]: Record<string, Guard<never>> };

/** The protocol with a table of guards. The product uses `guards` unchanged; only the model check leaves one out. */
export const protocolOf = (table: GuardTable): Protocol => {
  const transition =
    (guardsOf: Record<string, Guard<never>>, change: Change<never>) =>
    (row: Row, request: never): Decision => {
      for (const [guard, refuses] of Object.entries(guardsOf)) {
        const reason = refuses(row, request);
        if (reason !== undefined) return { ok: false, guard, reason };
      }
      const { row: changed, records = [] } = change(row, request);
      return { ok: true, row: changed, records, changed: changed !== row || records.length > 0 };
    };
  return Object.fromEntries(
    Object.entries(changes).map(([name, change]) => [
      name,
      transition(table[name as keyof Changes], change as Change<never>),
    ]),
  ) as Protocol;
};

export const protocol: Protocol = protocolOf(guards);

export { fullSlot } from '../basics/slot.ts';
export { beforeCommit, guards, openQuestion, quiet, untilInForce, untilQuiet } from './guards.ts';
export type * from './requests.ts';
