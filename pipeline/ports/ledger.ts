/** The ledger port: rows, records, events and configurations. Reads are consistent. */

import type { Service } from '../../core/config/service.ts';
import type { Admitted } from '../../core/plan/admitted.ts';
import type { Decision } from '../../core/protocol/protocol.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { PeriodFigures } from '../../core/release/figures.ts';
import type { HistoryEvent } from '../../core/release/history.ts';
import type { AttemptRecord } from '../../core/release/publications.ts';

export interface Attempt {
  release: string;
  attempt: number;
}

/** Rows, records, events, figures, configurations. Reads are consistent. */
export interface Ledger {
  /** Null: the service has never been rolled out. */
  row(service: string): Promise<Row | null>;
  /**
   * The only way to change a row: reads it, asks `decide`, and writes row, records and event in one transaction if the row is unchanged;
   * otherwise it starts again. `first` makes the row of a service that has none; without it such a service is an error.
   */
  decide(
    service: string,
    decide: (row: Row) => Decision | Promise<Decision>,
    options?: { first?: () => Promise<Row>; event?: (decision: Decision & { ok: true }) => HistoryEvent | null },
  ): Promise<Decision>;
  /** Every attempt on record for a release, oldest first. */
  records(service: string, release: string): Promise<AttemptRecord[]>;
  /**
   * What an attempt was admitted with. `unrecorded`: an older version admitted it without keeping this. Null: it was never
   * admitted.
   */
  admitted(service: string, release: string, attempt: number): Promise<Admitted | 'unrecorded' | null>;
  /** Adds an event to the service's history. A second one with the same `id` is ignored. */
  append(service: string, event: HistoryEvent): Promise<void>;
  /** Newest first; at most `limit`. `before`: only events recorded before that one, or before that time. */
  history(service: string, limit?: number, before?: { at: number; id?: string }): Promise<HistoryEvent[]>;
  /** All events of one attempt at a release, oldest first, without reading the service's others. */
  rolloutEvents(service: string, release: string, attempt: number): Promise<HistoryEvent[]>;
  /** Keeps the metrics of each period for 90 days. A period that is kept already is not replaced. At most 100 periods in one call. */
  keepFigures(service: string, of: Attempt, figures: readonly PeriodFigures[]): Promise<void>;
  /** Oldest first; at most the newest `limit`. */
  figures(service: string, of: Attempt, limit?: number): Promise<PeriodFigures[]>;
  configuration(service: string): Promise<Service | null>;
  services(): Promise<string[]>;
}
