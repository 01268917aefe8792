/** Every default of a configuration, as a team would write it. docs/reference/configuration.md lists them. */
import type { Decisions } from './service.ts';
import { canary, growthFor } from './strategies.ts';

/** What follows where a service does not say otherwise; also for rollouts that were admitted before it could. */
export const usualDecisions: Decisions = {
  worse: 'rollback',
  notSeenWorse: 'advance',
  noTraffic: 'pause',
  noMetrics: 'pause',
};

export const defaults = {
  strategy: canary([5, 25, 50]),
  errorRate: { atMost: '1%' },
  comparison: {
    falseAlarms: '1%',
    falsePasses: '5%',
    worse: { ratio: 1.25, plus: '0.05%' },
    harmful: { ratio: 2, plus: '0.25%' },
    slower: { ratio: 1.1, plus: 0.01 },
  },
  passes: 2,
  warmUp: 0,
  probe: { from: 200, to: 299, within: '5 seconds' },
  metrics: { kind: 'cloudwatch' },
  mode: 'automatic',
  groupCount: 2,
  timing: { period: '60 seconds', settling: '2 minutes' },
} as const;

/** Seconds: the longest that a fleet may take to become ready. */
export const longestReadiness = 2 * 3600;

/** Seconds a fleet may take to become ready where nothing is written: ten periods, and the limit at most. */
export const usualReadiness = (period: number): number => Math.min(longestReadiness, 10 * period);

/** When instances are launched where nothing is written; null: a group's number is its own, and not known before it is looked at. */
export const usualGrowth = (fleet: { kind: string; count: number }, maxExtra: number | null) =>
  fleet.kind === 'instances' && maxExtra === null ? growthFor(fleet.count) : null;
