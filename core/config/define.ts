/** What users write in cutover.config.ts: plain values that these functions spell, checked when they are read. */
import type { Decisions, Duration, ImageSource, InstancesFleet, PrometheusSource } from './service.ts';
import type { WrittenStrategy } from './strategies.ts';

/** One service as a team writes it. Four keys are enough. */
export interface WrittenService {
  /** Where its images come from: `ecr()`, `ami()`, `imageBuilder()`, `parameter()`. */
  image: WrittenImage;
  fleet: WrittenFleet;
  /** ARNs of every listener rule that leads to this service. */
  rules: string[];
  /** ARNs of its two target groups. */
  slots: { blue: string; green: string };
  /** `canary()` (default), `linear()`, `blueGreen()`, `allAtOnce()`, or steps of your own. */
  strategy?: WrittenStrategy;
  checks?: {
    /** Probes of the new fleet before any user's request. */
    smoke?: WrittenProbe[];
    /** Names of CloudWatch alarms that roll a rollout back. */
    alarms?: string[];
    /** The share of failed requests above which the new version is rolled back: `"1%"` or 0.01. */
    errorRate?: { atMost: string | number };
    /** The new version against the old one; null: only absolute limits count. Every part has a default. */
    comparison?: {
      /** How rarely a version that is not worse is rolled back: `"1%"`. */
      falseAlarms?: string | number;
      /** How rarely a harmful one is passed early: `"5%"`. */
      falsePasses?: string | number;
      /** May be bad at 1.25 times the old version's rate and 0.05 % more, unless told. */
      worse?: { ratio?: number; plus?: string | number };
      /** Is harmful at 2 times that rate and 0.25 % more, unless told. */
      harmful?: { ratio?: number; plus?: string | number };
      /** An answer may take 1.1 times as long as the old version's, or 10 ms longer, unless told; null: times are not compared. */
      slower?: { ratio?: number; plus?: number } | null;
      /** How many errors come at a time; by default what the old version's last three hours say. */
      burst?: number | null;
    } | null;
    /** What follows from the figures. Told what is not there: a version that is worse is rolled back, one not seen worse goes on, and without traffic or metrics a person decides. */
    decisions?: Partial<Decisions>;
    /** Health checks in a row that a fleet passes before it counts as ready. */
    passes?: number;
    readyWithin?: Duration;
    /** How long a ready fleet waits before its first request. */
    warmUp?: Duration;
  };
  /** Where the figures of both versions come from: `cloudwatch()` (default), `prometheus()`. */
  metrics?: WrittenMetrics;
  /** A person approves before the first request; no answer within this time means no. */
  approval?: { within: Duration } | null;
  /** When the new fleet's instances are launched: as its weight grows (the default from ten instances on), or all at once. */
  growth?: 'withWeight' | 'upfront';
  /** The most instances that run beside the old fleet; the old one shrinks after a step where it must. */
  maxExtra?: number | null;
  /** `"observe"`: publications make plans and notices, and nothing is touched. */
  mode?: 'automatic' | 'observe';
  /** Price of an instance hour, by instance type: what a plan's extra instances cost. */
  prices?: Record<string, number>;
  timing?: { period?: Duration; settling?: Duration };
}

export type WrittenServices = Record<string, WrittenService>;

export type WrittenImage =
  | Extract<ImageSource, { kind: 'imageBuilder' | 'parameter' }>
  | { kind: 'ecr'; repository: string; tags?: string[] }
  | { kind: 'ami'; name: string; owner?: string };

export type WrittenMetrics = { kind: 'cloudwatch' } | (Omit<PrometheusSource, 'durations'> & { durations?: string });

export type WrittenFleet = InstancesFleet | { kind: 'groups'; blue: string; green: string; count?: number };

export interface WrittenProbe {
  path: string;
  /** Status codes that pass, inclusive; 200 to 299 unless told. */
  from?: number;
  to?: number;
  /** How long a response may take; 5 seconds unless told. */
  within?: Duration;
}

/** Services by name. Gives types while writing; mistakes are reported, all at once, when the file is read. */
export const defineServices = (services: WrittenServices): WrittenServices => services;

/** Images pushed to an ECR repository with a tag that one of the globs matches; any tag unless told. */
export const ecr = (repository: string, options: { tags?: string[] } = {}): WrittenImage => ({
  kind: 'ecr',
  repository,
  ...options,
});

/** AMIs whose name the glob matches, owned by this account unless told. */
export const ami = (options: { name: string; owner?: string }): WrittenImage => ({ kind: 'ami', ...options });

/** What an Image Builder image (`arn:…:image/name`, or one version of it) builds. */
export const imageBuilder = (arn: string): WrittenImage => ({ kind: 'imageBuilder', arn });

/** The AMI id that a Systems Manager parameter holds. */
export const parameter = (name: string): WrittenImage => ({ kind: 'parameter', name });

/** A fleet of numbered instances, launched by Cutover from a launch template. */
export const instances = (fleet: Omit<InstancesFleet, 'kind'>): WrittenFleet => ({
  kind: 'instances',
  ...fleet,
});

/** Two standing Auto Scaling groups of yours, by name, one per slot; the idle one at 0. `count`: instances of a first rollout. */
export const groups = (fleet: { blue: string; green: string; count?: number }): WrittenFleet => ({
  kind: 'groups',
  ...fleet,
});

/** What the load balancer counts. */
export const cloudwatch = (): WrittenMetrics => ({ kind: 'cloudwatch' });

/**
 * What Prometheus counts, by queries in which `$slot` is blue or green, `$targetGroup` the name of its target group and `$period` the period:
 * `requests: 'sum(increase(http_requests_total{slot="$slot"}[$period]))'`. `durations`: `sum by (le) (increase(…_bucket{…}[$period]))`.
 */
export const prometheus = (source: Omit<Extract<WrittenMetrics, { kind: 'prometheus' }>, 'kind'>): WrittenMetrics => ({
  kind: 'prometheus',
  ...source,
});

/** Smoke probes over HTTP. `http.get('/health')`, `http.get('/old', { from: 301, to: 308, within: '2 seconds' })`. */
export const http = {
  get: (path: string, expectation: Omit<WrittenProbe, 'path'> = {}): WrittenProbe => ({ path, ...expectation }),
};
