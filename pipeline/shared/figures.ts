/** Reads the metrics of both versions that Judge compares. */
import { thresholdsOf } from '../../core/analysis/thresholds.ts';
import { Unreadable } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import { weightOf } from '../../core/plan/capacity.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { SlotCounts } from '../ports/metrics.ts';
import type { Ports } from '../ports/ports.ts';

/** The time before a rollout, in milliseconds, from which the old version's bursts of errors are measured. */
const history = 3 * 3_600_000;

const nothingSlow: Record<Slot, number[]> = { blue: [], green: [] };

/** Each slot has its own thresholds. */
const slowOf = (plan: Plan): Record<Slot, number[]> => {
  const thresholds = thresholdsOf(plan);
  const of = (slot: Slot) => thresholds.map(({ old, fresh }) => (slot === plan.new.slot ? fresh : old));
  return { blue: of('blue'), green: of('green') };
};

/** If the metrics cannot be read, health, alarms and people's answers still count, and at the end of a bake a person decides. */
const seriesOf = async (
  { metrics }: Pick<Ports, 'metrics'>,
  ...asked: Parameters<Ports['metrics']['series']>
): Promise<Record<Slot, SlotCounts[]> & { unreadable: string | null }> => {
  try {
    return { ...(await metrics.series(...asked)), unreadable: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { blue: [], green: [], unreadable: error.message };
  }
};

const since = (series: SlotCounts[], from: number): SlotCounts[] => series.filter(({ at }) => at >= from);

/** `series`: during this rollout. `before`: the old version before it. `unreadable`: why there are no metrics. */
export const lookAtSeries = async (
  ports: Pick<Ports, 'metrics'>,
  plan: Plan,
  step: number,
  now: number,
): Promise<{ series: Record<Slot, SlotCounts[]>; before: SlotCounts[]; unreadable: string | null }> => {
  // If one version has all the traffic, answer times are not compared, and reading them would only cost money.
  const slow = weightOf(plan, step) < 100 ? slowOf(plan) : nothingSlow;
  const { blue, green, unreadable } = await seriesOf(ports, plan.configuration, plan.at - history, now, slow);
  return {
    series: { blue: since(blue, plan.at), green: since(green, plan.at) },
    before: (plan.old.slot === 'blue' ? blue : green).filter(({ at }) => at < plan.at),
    unreadable,
  };
};

export const withoutConnectionErrors = (counts: SlotCounts[]): SlotCounts[] =>
  counts.map(({ answered: _, ...period }) => ({ ...period, connectionErrors: 0 }));
