/** Which periods of a time are complete. */
import type { Service } from '../config/service.ts';

/** From the period that a time is in to the last closed one: metrics come late, and a period that is not complete looks like a good one. */
export const closedPeriods = ({ timing }: Service, from: number, now: number): { start: number; end: number } => {
  const period = timing.period * 1000;
  return {
    start: Math.floor(from / period) * period,
    end: Math.floor((now - timing.settling * 1000) / period) * period,
  };
};
