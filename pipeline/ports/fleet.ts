/** The fleet in each slot: what runs, and how it grows, shrinks and goes. */
import type { Image } from '../../core/basics/image.ts';
import type { Slot } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import type { Own } from '../../core/fleet/orphans.ts';
import type { Admitted } from '../../core/plan/admitted.ts';
import type { Limits, Template } from '../../core/plan/plan.ts';

export interface InstanceView {
  id: string;
  zone: string;
  state: 'pending' | 'running' | 'stopping' | 'gone';
  /** The provider's own words for why it is not running, if it gave any. */
  reason: string | null;
  release: string | null;
  launchedAt: number;
}

/** One slot's instances as they are now. */
export interface FleetView {
  instances: InstanceView[];
  /** How many it is kept at: a group's desired capacity; of numbered instances, those that run or will. */
  number: number;
  /** What keeps its own scaling within bounds; null where it has none. */
  limits: Limits | null;
}

/** What `ensure` launches: from the plan, or, for a live fleet at rest, from the row's `live`. */
export interface FleetRelease {
  service: string;
  release: string;
  image: Image;
  attempt: number;
  template: Template | null;
  /** From the configuration snapshot. */
  fleet: Service['fleet'];
  targetGroup: string;
  /** What the plan says of where it is launched; null of a live fleet, which is launched as is configured now. */
  from: Admitted['from'];
  /** Failures to launch before then are nobody's of this release. */
  since: number;
}

/**
 * Whether a release is what was admitted: `whole`, or `image` where the launch template has to be the configured one besides, as nothing
 * else is known of it. Throws Disbelieved for anything else.
 */
export type LaunchProof = () => Promise<'whole' | 'image'>;

/** Where an instance stands. `takenBack`: it is a spot instance, and EC2 itself says that it takes it back. */
export interface Standing {
  service: Service;
  slot: Slot;
  takenBack: boolean;
}

/** A fleet as counts per slot: numbered instances or an Auto Scaling group may stand behind it. */
export interface Fleet {
  observe(service: Service, slot: Slot): Promise<FleetView>;
  /**
   * Makes the slot have `count` instances of the release, registered with its target group. Never lowers a count.
   * `proof` is asked before anything is launched from what the release names, and may refuse.
   * `short` says in words what was not to be had (capacity of a zone, even if another gave it; a quota), null otherwise.
   */
  ensure(
    release: FleetRelease,
    slot: Slot,
    count: number,
    proof?: LaunchProof,
  ): Promise<{ launched: number; short: string | null }>;
  /**
   * What scales the slot by itself neither takes it below `count` nor below what it is kept at now. Answers in words what somebody had
   * changed meanwhile; null: nothing, or there is nothing that scales.
   */
  pin(service: Service, slot: Slot, count: number): Promise<string | null>;
  /** Both slots scale within `limits` again. What a slot is kept at stays as it is, within them. */
  restore(service: Service, limits: Record<Slot, Limits>): Promise<void>;
  /**
   * One bounded step towards `count` instances in a slot that has more: drained first. Call again until `left` is 0. `short`: nothing was
   * done, as it has lost some, and fewer than `carrying` healthy ones might stay.
   */
  shrink(service: Service, slot: Slot, count: number, carrying?: number): Promise<{ left: number; short?: true }>;
  /** Ends an instance whose program does not answer, so that `ensure` replaces it; where the slot has a group, that does so by itself. */
  replace(service: Service, slot: Slot, instance: string): Promise<void>;
  /** One bounded step towards an empty slot: deregisters, waits for draining, terminates. Call again until `left` is 0. */
  remove(service: Service, slot: Slot): Promise<{ left: number; draining: number }>;
  /** All instances that run or are starting and have the service's tag and a release's, in any slot or none; not those that a group keeps. */
  own(service: Service): Promise<Own[]>;
  /**
   * One bounded step: these leave both slots' target groups, drain, and end. Call again until they are gone. Where groups launch, they live
   * on, as only a person can have put them beside one.
   */
  evict(service: Service, instances: readonly string[]): Promise<void>;
  /** What the release's unready instances in the slot said: console output's tail and the provider's reasons. */
  evidence(service: Service, slot: Slot, release: string): Promise<{ instance: string; said: string }[]>;
  /** Deletes what only old releases were launched from, and nothing that anybody else has made. Answers how many. */
  tidy(live: FleetRelease): Promise<number>;
  /** What the slot would be launched from, pinned. Throws Rejected when it does not exist or cannot work. */
  template(service: Service, slot: Slot): Promise<Template>;
  /** Which service's slot an instance stands in, by what EC2 says now; null: nobody's. */
  slotOf(services: readonly Service[], instance: string): Promise<Standing | null>;
}
