/** The value a rollout follows, made once at admission and kept in the row. Nothing after it knows a strategy's name. */

import type { Image } from '../basics/image.ts';
import type { Slot } from '../basics/slot.ts';
import type { Service } from '../config/service.ts';

export interface PlanStep {
  /** Percent of requests for the new slot; the last step is 100. */
  weight: number;
  /** Seconds spent at this weight while evidence gathers. */
  bake: number;
  /** Seconds after which evidence that it is not harmful ends the bake. */
  atLeast?: number | undefined;
}

/** What the launch template said at admission, pinned: never `$Latest` at run time. */
export interface Template {
  id: string;
  version: string;
  /** Instance types that it may launch; none: it does not say. */
  types: string[];
  /** The AMI that an alias in it (`resolve:ssm:…`) stood for at admission; absent: it has none. */
  image?: string | undefined;
}

/** What keeps a slot's own scaling within bounds, as somebody else set it. */
export interface Limits {
  min: number;
  max: number;
  desired: number;
  /** Names of processes that do not run. */
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
  /** Who or what asked, and whether a person did. */
  by: string;
  asked: boolean;
  /** `count`: its targets in service at admission. */
  old: { slot: Slot; kind: 'none' | 'ours' | 'foreign'; release: string | null; count: number };
  new: { slot: Slot };
  steps: PlanStep[];
  /** What the new fleet is launched from; of a group, the version that the release's own is made of. */
  template: Template | null;
  /** Both slots' limits as found at admission, before anything was changed; null where the fleet has none. */
  limits: Record<Slot, Limits> | null;
  /** Alarms that were already on at admission: muted until they have been OK for a full period. */
  alarmsOn: string[];
  /** The old version's last hour before admission: requests in a period, and the share of them that failed. Null: nobody asked, or nobody knows. */
  traffic?: Traffic | null;
  /** Seconds that half, nine tenths and 99 of a hundred of its answers took at most in that hour; none where too few were measured. */
  times?: number[];
  /** The service's configuration as it was at admission. */
  configuration: Service;
  at: number;
}
