/** The plan that a rollout follows: made once at admission, kept in the row. Nothing after it knows a strategy's name. */

import type { Image } from '../basics/image.ts';
import type { Slot } from '../basics/slot.ts';
import type { Service } from '../config/service.ts';

export interface PlanStep {
  /** The new slot's percentage of the requests; 100 in the last step. */
  weight: number;
  /** Seconds spent at this weight while metrics are collected. */
  bake: number;
  /** Seconds after which the bake may end, if the new version has been shown to be harmless. */
  atLeast?: number | undefined;
}

/** The launch template as it was at admission. The version is pinned: never `$Latest` during a rollout. */
export interface Template {
  id: string;
  version: string;
  /** Instance types that it may launch; empty: it does not say. */
  types: string[];
  /** The AMI that an alias in it (`resolve:ssm:…`) named at admission; absent: it has no alias. */
  image?: string | undefined;
}

/** The bounds of a group's own scaling, as its owner set them. */
export interface Limits {
  min: number;
  max: number;
  desired: number;
  /** Names of suspended scaling processes. */
  suspended: string[];
}

export interface Traffic {
  requests: number;
  errors: number;
}

export interface Plan {
  schema: 1;
  service: string;
  release: string;
  image: Image;
  attempt: number;
  /** Who or what asked, and whether that was a person. */
  by: string;
  asked: boolean;
  /** `count`: its targets in service at admission. */
  old: { slot: Slot; kind: 'none' | 'ours' | 'foreign'; release: string | null; count: number };
  new: { slot: Slot };
  steps: PlanStep[];
  /** What the new fleet is launched from. For a group: the version from which the release's own version is made. */
  template: Template | null;
  /** Scaling bounds of both slots as found at admission, before any change; null if the fleet has none. */
  limits: Record<Slot, Limits> | null;
  /** Alarms that were on at admission: muted until they have been OK for a full period. */
  alarmsOn: string[];
  /** The old version in the hour before admission: requests per period, and the share that failed. Null: not asked, or not known. */
  traffic?: Traffic | null;
  /** Answer times of that hour in seconds: the 50th, 90th and 99th percentile; empty if too few answers were measured. */
  times?: number[];
  /** The service's configuration as it was at admission. */
  configuration: Service;
  at: number;
}
