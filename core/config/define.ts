/** The functions that users write in cutover.config.ts. They return plain values, which are checked when the file is read. */
import type { WrittenMetrics } from './providers/providers.ts';
import type { Decisions, Duration, InstancesFleet } from './service.ts';
import type { WrittenImage } from './sources/sources.ts';
import type { WrittenStrategy } from './strategies.ts';

export { cloudwatch } from './providers/cloudwatch.ts';
export { prometheus } from './providers/prometheus.ts';
export { ami } from './sources/ami.ts';
export { ecr } from './sources/ecr.ts';
export { imageBuilder } from './sources/image-builder.ts';
export { parameter } from './sources/parameter.ts';
export type { WrittenImage, WrittenMetrics };

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
    /** How the new version is compared with the old one; null: only absolute limits count. Every part has a default. */
    comparison?: {
      /** In how many rollouts a version that is not worse may be rolled back by mistake: `"1%"`. */
      falseAlarms?: string | number;
      /** How many harmful versions may pass early by mistake: `"5%"`. */
      falsePasses?: string | number;
      /** The new version is worse above 1.25 times the old version's error rate plus 0.05 points, unless you say otherwise. */
      worse?: { ratio?: number; plus?: string | number };
      /** The new version is harmful above 2 times the old version's error rate plus 0.25 points, unless you say otherwise. */
      harmful?: { ratio?: number; plus?: string | number };
      /** Answers may take up to 1.1 times as long as the old version's, and up to 10 ms longer in any case. null: answer times are not compared. */
      slower?: { ratio?: number; plus?: number } | null;
      /** How many errors come at a time. Default: measured from the old version's last three hours. */
      burst?: number | null;
    } | null;
    /** What follows from the metrics. Default: roll back a worse version, advance without evidence against it, and ask a person without traffic or metrics. */
    decisions?: Partial<Decisions>;
    /** Health checks in a row that a fleet passes before it counts as ready. */
    passes?: number;
    readyWithin?: Duration;
    /** How long a ready fleet waits before its first request. */
    warmUp?: Duration;
  };
  /** Where the metrics of both versions come from: `cloudwatch()` (default), `prometheus()`. */
  metrics?: WrittenMetrics;
  /** A person approves before the first request; no answer within this time means no. */
  approval?: { within: Duration } | null;
  /** When the new fleet's instances are launched: as its weight grows (the default from ten instances on), or all before the first weight. */
  growth?: 'withWeight' | 'upfront';
  /** The most instances that may run in addition to the usual number. If that is too few for a step, the old fleet shrinks first. */
  maxExtra?: number | null;
  /** `"observe"`: a publication makes a plan and a notice, and changes nothing. */
  mode?: 'automatic' | 'observe';
  /** Price of an instance hour by instance type, for the cost of a plan's extra instances. */
  prices?: Record<string, number>;
  timing?: { period?: Duration; settling?: Duration };
}

export type WrittenServices = Record<string, WrittenService>;

export type WrittenFleet = InstancesFleet | { kind: 'groups'; blue: string; green: string; count?: number };

export interface WrittenProbe {
  path: string;
  /** Status codes that pass, inclusive. Default: 200 to 299. */
  from?: number;
  to?: number;
  /** How long a response may take. Default: 5 seconds. */
  within?: Duration;
}

/** Services by name. It gives types in the editor; all mistakes are reported together when the file is read. */
export const defineServices = (services: WrittenServices): WrittenServices => services;

/** A fleet of numbered instances, launched by Cutover from a launch template. */
export const instances = (fleet: Omit<InstancesFleet, 'kind'>): WrittenFleet => ({
  kind: 'instances',
  ...fleet,
});

/** Two existing Auto Scaling groups by name, one per slot; the idle one has no instances. `count`: the instances of a first rollout. */
export const groups = (fleet: { blue: string; green: string; count?: number }): WrittenFleet => ({
  kind: 'groups',
  ...fleet,
});

/** Smoke probes over HTTP. `http.get('/health')`, `http.get('/old', { from: 301, to: 308, within: '2 seconds' })`. */
export const http = {
  get: (path: string, expectation: Omit<WrittenProbe, 'path'> = {}): WrittenProbe => ({ path, ...expectation }),
};
