/** Every default of a configuration, in the form in which a team writes it. docs/reference/configuration.md lists them. */
import type { Decisions } from './service.ts';
import { canary, growthFor } from './strategies.ts';

/** The decisions of a service that sets none. They also apply to rollouts admitted by versions that did not have this key. */
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

/** The default limit for becoming ready, in seconds: ten periods, but at most the longest. */
export const usualReadiness = (period: number): number => Math.min(longestReadiness, 10 * period);

/** The default of `growth`. Null for groups: the number of instances is not known before the account is read. */
export const usualGrowth = (fleet: { kind: string; count: number }, maxExtra: number | null) =>
  fleet.kind === 'instances' && maxExtra === null ? growthFor(fleet.count) : null;
