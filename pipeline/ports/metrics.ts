/** Figures of both versions, and alarms. */
import type { PeriodCounts } from '../../core/analysis/samples.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';

/** One period of one slot. */
export type SlotCounts = PeriodCounts;

/** Where figures come from: CloudWatch, or what the service names instead. */
export interface Source {
  /**
   * Settled periods that ended after `from`, oldest first. A period without requests is absent. `slow`: thresholds in seconds, whose counts
   * come along where they can be had. Throws Unreadable where the source does not answer, or answers what is no such figure.
   */
  series(
    service: Service,
    from: number,
    now: number,
    slow?: Record<Slot, readonly number[]>,
  ): Promise<Record<Slot, SlotCounts[]>>;
  /** Seconds that each share, 0 to 1, of a slot's answers took at most between two times; empty: none were measured. */
  times(service: Service, slot: Slot, shares: readonly number[], from: number, now: number): Promise<number[]>;
}

export interface Metrics extends Source {
  alarms(names: string[]): Promise<AlarmView[]>;
  /** The longest time, in milliseconds, that an alarm has been OK without a break between two times; 0 where nobody knows. */
  okFor(name: string, from: number, now: number): Promise<number>;
}

export interface AlarmView {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  /** When it entered the state, and when the data that made it so began. */
  since: number;
  dataFrom: number;
}
