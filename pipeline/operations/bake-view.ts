/** What people see of a bake: requests and error rates of both versions, the evidence, and the remaining time. */
import { comparisonOf, limitOf } from '../../core/analysis/evidence.ts';
import { Rejected, Transient } from '../../core/basics/errors.ts';
import type { Slot } from '../../core/basics/slot.ts';
import { effectiveBake } from '../../core/plan/bake.ts';
import { weightOf } from '../../core/plan/capacity.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { SlotCounts } from '../ports/metrics.ts';
import type { Ports } from '../ports/ports.ts';
import { lookAtSeries } from '../shared/figures.ts';

interface Answered {
  requests: number;
  errors: number;
}

export interface BakeView {
  weight: number;
  /** Epoch milliseconds; `left` and `bake`: seconds. */
  since: number;
  until: number;
  left: number;
  bake: number;
  /** Requests since the first weight; null: there is no old version. */
  new: Answered;
  old: Answered | null;
  /** The evidence that the new version is worse, as odds to 1; null: versions are not compared. */
  evidence: number | null;
  /** The evidence that rolls it back. */
  needed: number | null;
  /** Why the metrics cannot be read; null: they were read. */
  unreadable: string | null;
}

const sumOf = (series: readonly SlotCounts[]): Answered => ({
  requests: series.reduce((sum, { requests }) => sum + requests, 0),
  errors: series.reduce((sum, { errors, connectionErrors }) => sum + errors + connectionErrors, 0),
});

/** A person without the right to read metrics sees the rest. */
type Figures = Awaited<ReturnType<typeof lookAtSeries>>;

const readable = async (read: () => Promise<Figures>): Promise<Figures> => {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Rejected || error instanceof Transient)) throw error;
    return { series: { blue: [], green: [] }, before: [], unreadable: error.message };
  }
};

const healthUnasked: Record<Slot, { healthy: number; needed: number }> = {
  blue: { healthy: 0, needed: 0 },
  green: { healthy: 0, needed: 0 },
};

/** Null: no weight is in force that is being judged. */
export const bakeView = async (ports: Pick<Ports, 'metrics' | 'now'>, row: Row): Promise<BakeView | null> => {
  const { plan, step, abort, phase } = row;
  if (plan === null || abort !== null || (phase !== 'shifting' && phase !== 'settling')) return null;
  const now = ports.now();
  const { since } = row.wanted;
  const bake = effectiveBake(plan.steps[step - 1] ?? { bake: 0 }, plan.configuration.timing);
  const until = since + bake * 1000;
  const figures = await readable(() => lookAtSeries(ports, plan, step, now));
  const { series, unreadable } = figures;
  const evidence = { plan, step, now, since, raised: row.raised, health: healthUnasked, alarms: [], signals: [] };
  const comparison = unreadable === null ? comparisonOf({ ...evidence, ...figures }) : null;
  const limit = limitOf({ ...evidence, ...figures });
  return {
    weight: weightOf(plan, step),
    since,
    until,
    left: Math.max(0, Math.ceil((until - now) / 1000)),
    bake,
    new: { requests: limit.requests, errors: limit.errors },
    old: plan.old.kind === 'none' ? null : sumOf(series[plan.old.slot]),
    evidence: comparison?.evidence ?? null,
    needed: comparison?.needed ?? null,
    unreadable,
  };
};
