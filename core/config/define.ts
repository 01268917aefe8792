/** What users write in cutover.config.ts: plain values that these functions spell, checked when they are read. */
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
    /** What follows from the figures. Unless you say otherwise: a version that is worse is rolled back, one without evidence against it goes on, and without traffic or metrics a person decides. */
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

/** Smoke probes over HTTP. `http.get('/health')`, `http.get('/old', { from: 301, to: 308, within: '2 seconds' })`. */
export const http = {
  get: (path: string, expectation: Omit<WrittenProbe, 'path'> = {}): WrittenProbe => ({ path, ...expectation }),
};
