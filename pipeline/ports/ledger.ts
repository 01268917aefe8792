/** The ledger: rows, records, events and configurations. */

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
  /** Null: nothing was ever decided about this service. */
  row(service: string): Promise<Row | null>;
  /**
   * The only way to change a row: reads it, asks `decide`, writes row and records and the event in one transaction if nobody wrote
   * meanwhile; else reads again. `first` makes the row of a service that has none; without it such a service is an error.
   */
  decide(
    service: string,
    decide: (row: Row) => Decision | Promise<Decision>,
    options?: { first?: () => Promise<Row>; event?: (decision: Decision & { ok: true }) => HistoryEvent | null },
  ): Promise<Decision>;
  /** Every attempt on record for a release, oldest first. */
  records(service: string, release: string): Promise<AttemptRecord[]>;
  /**
   * What an attempt was admitted with. `unrecorded`: an older version admitted it, which kept no more than that it did. Null: nobody has
   * ever admitted it.
   */
  admitted(service: string, release: string, attempt: number): Promise<Admitted | 'unrecorded' | null>;
  /** Adds an event to the service's history; one with the same `id` is kept once. */
  append(service: string, event: HistoryEvent): Promise<void>;
  /** Newest first; at most `limit`. `before`: only events recorded before that one, or before that time. */
  history(service: string, limit?: number, before?: { at: number; id?: string }): Promise<HistoryEvent[]>;
  /** All events of one attempt at a release, oldest first, without reading the service's others. */
  rolloutEvents(service: string, release: string, attempt: number): Promise<HistoryEvent[]>;
  /** Keeps each period's figures as they are written first, for 90 days; 100 at most. */
  keepFigures(service: string, of: Attempt, figures: readonly PeriodFigures[]): Promise<void>;
  /** Oldest first; at most the newest `limit`. */
  figures(service: string, of: Attempt, limit?: number): Promise<PeriodFigures[]>;
  configuration(service: string): Promise<Service | null>;
  services(): Promise<string[]>;
}
