/** The metrics port: counts of both versions, answer times, and alarms. */
import type { PeriodCounts } from '../../core/analysis/samples.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';

/** One period of one slot. */
export type SlotCounts = PeriodCounts;

/** A metrics provider: CloudWatch, or another one that the service names. */
export interface Source {
  /**
   * Closed periods that ended after `from`, oldest first. A period without requests is absent. `slow`: thresholds in seconds; answers above
   * them are counted if the provider can. Throws Unreadable if the provider does not answer, or not with valid metrics.
   */
  series(
    service: Service,
    from: number,
    now: number,
    slow?: Record<Slot, readonly number[]>,
  ): Promise<Record<Slot, SlotCounts[]>>;
  /** The percentiles (`shares`, 0 to 1) of a slot's answer times between two times, in seconds; empty: not measured. */
  times(service: Service, slot: Slot, shares: readonly number[], from: number, now: number): Promise<number[]>;
}

export interface Metrics extends Source {
  alarms(names: string[]): Promise<AlarmView[]>;
  /** The longest time, in milliseconds, for which an alarm was OK without a break between two times; 0 if not known. */
  okFor(name: string, from: number, now: number): Promise<number>;
}

export interface AlarmView {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  /** When it entered its state, and the start of the data that caused it. */
  since: number;
  dataFrom: number;
}
