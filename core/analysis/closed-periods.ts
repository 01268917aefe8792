/** Computes which metric periods are complete. */
import type { Service } from '../config/service.ts';

/** The periods from the one that contains `from` to the last closed one. Metrics arrive late, and an incomplete period looks like a good one. */
export const closedPeriods = ({ timing }: Service, from: number, now: number): { start: number; end: number } => {
  const period = timing.period * 1000;
  return {
    start: Math.floor(from / period) * period,
    end: Math.floor((now - timing.settling * 1000) / period) * period,
  };
};
