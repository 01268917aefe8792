/** Reads traffic and answer times of the hour before a rollout. */
import { Unreadable } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Traffic } from '../../core/plan/plan.ts';
import type { SlotCounts } from '../ports/metrics.ts';
import type { Ports } from '../ports/ports.ts';

const hour = 3_600_000;

/** `slot`: the old fleet's. */
export const lookAtTrafficBefore = async (
  { metrics }: Pick<Ports, 'metrics'>,
  service: Service,
  slot: Slot,
  now: number,
): Promise<{ traffic: Traffic | null; times: number[] }> => {
  const [series, times] = await Promise.all([
    unlessUnreadable(metrics.series(service, now - hour, now), { blue: [], green: [] }),
    unlessUnreadable(metrics.times(service, slot, shares, now - hour, now), []),
  ]);
  const requests = series[slot].reduce((sum, one) => sum + one.requests, 0);
  return { traffic: trafficIn(series[slot], service, now), times: knownTimes(times, requests) };
};

/** A rollout begins without these, too: its own metrics are read at each weight. */
const unlessUnreadable = <T>(asked: Promise<T>, otherwise: T): Promise<T> =>
  asked.catch((error) => {
    if (error instanceof Unreadable) return otherwise;
    throw error;
  });

/** The percentiles of answer times that are read. */
const shares = [0.5, 0.9, 0.99];

/** Seconds, for a service without measured times. Any fixed thresholds give a fair comparison; measured ones detect more. */
const usualTimes = [0.25, 1, 4];

/** A percentile with fewer than ten answers above it is not reliable. */
const knownTimes = (times: readonly number[], requests: number): number[] => {
  const own = times.filter((_, index) => requests * (1 - (shares[index] ?? 1)) >= 10);
  return own.length > 0 ? own : usualTimes;
};

/** Per period, over the closed periods of the last hour. A period without requests is absent from the metrics, but counts. */
const trafficIn = (series: SlotCounts[], { timing }: Service, now: number): Traffic | null => {
  const [first] = series;
  if (first === undefined) return null;
  const periods = Math.max(1, Math.round((now - timing.settling * 1000 - first.at) / (timing.period * 1000)));
  const requests = series.reduce((sum, one) => sum + one.requests, 0);
  const bad = series.reduce((sum, one) => sum + one.errors + one.connectionErrors, 0);
  return { requests: requests / periods, errors: Math.min(1, bad / Math.max(1, requests)) };
};
