/** One service as a rollout follows it: every default filled in, durations in seconds, plain JSON. Types alone. */
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
   * What a strategy function returned: from here on a list of steps like any other. The last one has weight 100. A bake other than 0
   * lasts `settling` and two periods at least. `atLeast`: where the new version has been shown not to be harmful by then, its bake ends.
   */
  strategy: { steps: { weight: number; bake: number; atLeast?: number | undefined }[] };
  checks: {
    /** Probes against the new fleet before any user's request. */
    smoke: SmokeProbe[];
    /** CloudWatch alarms that abort a rollout. */
    alarms: string[];
    /** The new slot's share of failed requests, 0 to 1, above which it is rolled back. */
    errorRate: { atMost: number };
    /** The new version against the old one, minute by minute; null: only absolute limits count. */
    comparison: ComparisonSettings | null;
    /** What follows from what the figures say, and from what they do not. */
    decisions: Decisions;
    /** Health checks in a row that a fleet passes before it counts as ready. */
    passes: number;
    /** Seconds a new fleet may take to become ready. Default: ten periods. */
    readyWithin: number;
    /** Seconds a ready fleet waits before its first request, fewer than `readyWithin`. */
    warmUp: number;
  };
  /** Where the figures of both versions come from. */
  metrics: MetricsSource;
  /** A person's word before traffic: how many seconds it is waited for (no answer means no); null: nobody is asked. */
  approval: { within: number } | null;
  /** When the new fleet's instances are launched: as its weight grows, or all at once; null: by the number found at admission. */
  growth: 'withWeight' | 'upfront' | null;
  /** The most instances that run beside what the old fleet had at admission; null: as many as it takes. */
  maxExtra: number | null;
  /** `observe`: publications make plans and notices, and nothing is touched. */
  mode: 'automatic' | 'observe';
  /** Price of an instance hour, by instance type; what a plan's extra instances cost. */
  prices: Record<string, number>;
  timing: {
    /** Seconds of the metrics' periods: whole minutes on AWS. Also between two looks at the evidence, where a bake is not very long. */
    period: number;
    /**
     * Seconds after a change of weights until no earlier function can act and every load-balancer node has them: on AWS the longest
     * function timeout and the propagation of weights.
     */
    settling: number;
  };
}

/** Bad at `ratio` times the old version's rate and `plus` more (a rate, 0 to 1). */
export interface Margin {
  ratio: number;
  plus: number;
}

export interface ComparisonSettings {
  /** How rarely, 0 to 1, a new version that is not worse is failed, in a whole rollout. */
  falseAlarms: number;
  /** How rarely a harmful one is passed early. */
  falsePasses: number;
  /** The most by which it may be worse without being failed. */
  worse: Margin;
  /** From here on it is harmful. */
  harmful: Margin;
  /** An answer may take `ratio` times as long as the old version's, and `plus` seconds at least; null: times are not compared. */
  slower: { ratio: number; plus: number } | null;
  /** Errors that come at a time; null: by what the old version did before. */
  burst: number | null;
}

/** What follows; everything that pauses waits for a person and tells that it does. */
export interface Decisions {
  /** The new version is worse than the old one, or exceeds its limit. */
  worse: 'rollback' | 'pause';
  /** At the end of a bake it is neither shown to be worse nor shown not to be harmful. */
  notSeenWorse: 'advance' | 'pause' | 'rollback';
  /** Nobody has asked it for anything. */
  noTraffic: 'pause' | 'advance' | 'rollback';
  /** Its metrics are missing, contradict each other or cannot be read. */
  noMetrics: 'pause' | 'advance' | 'rollback';
}

export type FleetConfiguration = InstancesFleet | GroupsFleet;

/** Two standing Auto Scaling groups, one per slot, which somebody else owns; the idle one at 0. */
export interface GroupsFleet {
  kind: 'groups';
  /** The groups' names. */
  blue: string;
  green: string;
  /** Instances of a first rollout, while neither group runs any. From then on the live group's own number counts. */
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
