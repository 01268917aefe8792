/** One service as a rollout follows it: defaults filled in, durations in seconds, plain JSON. Types only. */
import type { MetricsSource } from './providers/providers.ts';
import type { ImageSource } from './sources/sources.ts';

/** A duration: "90 seconds", "5 minutes", "1.5 hours", "1 day", or a number of seconds. Kept as whole seconds. */
export type Duration = number | string;

export interface Service {
  name: string;
  image: ImageSource;
  fleet: FleetConfiguration;
  /** ARNs of every listener rule that leads to this service, all of one load balancer. */
  rules: string[];
  /** ARNs of the two target groups. */
  slots: { blue: string; green: string };
  /**
   * The list of steps that a strategy function returned. The last weight is 100. A bake that is not 0 lasts at least `settling` plus two
   * periods. `atLeast`: the bake may end from then on, if the new version has been shown to be harmless.
   */
  strategy: { steps: { weight: number; bake: number; atLeast?: number | undefined }[] };
  checks: {
    /** Probes against the new fleet before any user's request. */
    smoke: SmokeProbe[];
    /** CloudWatch alarms that abort a rollout. */
    alarms: string[];
    /** The new slot's share of failed requests, 0 to 1, above which it is rolled back. */
    errorRate: { atMost: number };
    /** How the new version is compared with the old one; null: only absolute limits count. */
    comparison: ComparisonSettings | null;
    /** What follows from the metrics, and from missing metrics. */
    decisions: Decisions;
    /** Health checks in a row that a fleet passes before it counts as ready. */
    passes: number;
    /** Seconds a new fleet may take to become ready. Default: ten periods. */
    readyWithin: number;
    /** Seconds a ready fleet waits before its first request, fewer than `readyWithin`. */
    warmUp: number;
  };
  /** Where the metrics of both versions come from. */
  metrics: MetricsSource;
  /** How many seconds to wait for a person's approval before the first traffic (no answer means no); null: nobody is asked. */
  approval: { within: number } | null;
  /** When the new fleet's instances are launched: as its weight grows, or all at once; null: decided by the number found at admission. */
  growth: 'withWeight' | 'upfront' | null;
  /** The most instances that may run in addition to the old fleet's number at admission; null: no limit. */
  maxExtra: number | null;
  /** `observe`: a publication makes a plan and a notice, and changes nothing. */
  mode: 'automatic' | 'observe';
  /** Price of an instance hour by instance type, for the cost of a plan's extra instances. */
  prices: Record<string, number>;
  timing: {
    /** Seconds of a metrics period: whole minutes on AWS. Also the time between two judgements, except in very long bakes. */
    period: number;
    /**
     * Seconds after a change of weights until every load-balancer node has them and no earlier function can act. On AWS: the longest
     * function timeout plus the propagation of weights.
     */
    settling: number;
  };
}

/** A limit of `ratio` times the old version's rate, plus `plus` (a rate, 0 to 1). */
export interface Margin {
  ratio: number;
  plus: number;
}

export interface ComparisonSettings {
  /** The share of rollouts, 0 to 1, in which a version that is not worse may be rolled back by mistake. */
  falseAlarms: number;
  /** The share of harmful versions that may pass early by mistake. */
  falsePasses: number;
  /** Above this margin the new version is worse, and is rolled back. */
  worse: Margin;
  /** Above this margin it is harmful. */
  harmful: Margin;
  /** An answer is slow above `ratio` times the old version's time, if it also takes `plus` seconds longer; null: answer times are not compared. */
  slower: { ratio: number; plus: number } | null;
  /** How many errors come at a time; null: measured from the old version's history. */
  burst: number | null;
}

/** What follows from each verdict. `pause` waits for a person, and says so. */
export interface Decisions {
  /** The new version is worse than the old one, or exceeds its limit. */
  worse: 'rollback' | 'pause';
  /** At the end of a bake the metrics show neither that it is worse nor that it is harmless. */
  notSeenWorse: 'advance' | 'pause' | 'rollback';
  /** It got no requests. */
  noTraffic: 'pause' | 'advance' | 'rollback';
  /** Its metrics are missing, contradict each other or cannot be read. */
  noMetrics: 'pause' | 'advance' | 'rollback';
}

export type FleetConfiguration = InstancesFleet | GroupsFleet;

/** Two existing Auto Scaling groups, one per slot, owned by the user; the idle one has no instances. */
export interface GroupsFleet {
  kind: 'groups';
  /** The groups' names. */
  blue: string;
  green: string;
  /** Instances of a first rollout, while neither group runs any. Later rollouts use the live group's own number. */
  count: number;
}

export interface InstancesFleet {
  kind: 'instances';
  /** A launch template's name or id. Its default version is pinned at each admission. */
  launchTemplate: string;
  subnets: string[];
  count: number;
}

export interface SmokeProbe {
  path: string;
  /** Status codes that pass, inclusive. */
  from: number;
  to: number;
  /** Seconds a response may take. */
  within: number;
}

export type { ImageSource, MetricsSource };
