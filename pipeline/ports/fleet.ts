/** The fleet port: the instances in each slot, and how they are launched and removed. */
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
  /** The provider's words for why it is not running, if there are any. */
  reason: string | null;
  release: string | null;
  launchedAt: number;
}

/** One slot's instances as they are now. */
export interface FleetView {
  instances: InstanceView[];
  /** The number that the slot is kept at: a group's desired capacity, or the numbered instances that run or will run. */
  number: number;
  /** The bounds of its own scaling; null if it has none. */
  limits: Limits | null;
}

/** What `ensure` launches: from the plan of a rollout, or from the row's `live`. */
export interface FleetRelease {
  service: string;
  release: string;
  image: Image;
  attempt: number;
  template: Template | null;
  /** The fleet of the configuration at admission. */
  fleet: Service['fleet'];
  targetGroup: string;
  /** The admitted place of launch; null for an adopted live fleet, which is launched from the current configuration. */
  from: Admitted['from'];
  /** Failed launches before this time do not count for this release. */
  since: number;
}

/**
 * Whether a release is what was admitted: `whole`, or `image` if only the image is known, so that the template must be the configured one.
 * Throws Disbelieved if it is not.
 */
export type LaunchProof = () => Promise<'whole' | 'image'>;

/** Where an instance is. `takenBack`: EC2 says that it takes this spot instance back. */
export interface Standing {
  service: Service;
  slot: Slot;
  takenBack: boolean;
}

/** A fleet as counts per slot, of numbered instances or of an Auto Scaling group. */
export interface Fleet {
  observe(service: Service, slot: Slot): Promise<FleetView>;
  /**
   * Gives the slot `count` instances of the release, registered with its target group. Never lowers a count.
   * `proof` is called before anything is launched from the release's values, and may refuse.
   * `short` says in words what was missing (capacity of a zone, even if another zone had it; a quota); null: nothing.
   */
  ensure(
    release: FleetRelease,
    slot: Slot,
    count: number,
    proof?: LaunchProof,
  ): Promise<{ launched: number; short: string | null }>;
  /**
   * Keeps the slot's own scaling from going below `count`, or below its present number. Returns in words what somebody had changed
   * meanwhile; null: nothing, or the slot does not scale.
   */
  pin(service: Service, slot: Slot, count: number): Promise<string | null>;
  /** Both slots scale within `limits` again. Their numbers stay unchanged if they are within them. */
  restore(service: Service, limits: Record<Slot, Limits>): Promise<void>;
  /**
   * One limited step down to `count` instances in a slot; they are drained first. Call again until `left` is 0. `short`: nothing was removed,
   * because instances were lost and fewer than `carrying` healthy ones could remain.
   */
  shrink(service: Service, slot: Slot, count: number, carrying?: number): Promise<{ left: number; short?: true }>;
  /** Ends an instance whose program does not answer, so that `ensure` replaces it. A group does that by itself. */
  replace(service: Service, slot: Slot, instance: string): Promise<void>;
  /** One limited step towards an empty slot: deregisters, waits for draining, terminates. Call again until `left` is 0. */
  remove(service: Service, slot: Slot): Promise<{ left: number; draining: number }>;
  /** All running or starting instances with the tags of the service and of a release, in any slot or none, without those of groups. */
  own(service: Service): Promise<Own[]>;
  /**
   * One limited step: these instances leave both slots' target groups, drain, and end. Call again until they are gone. If groups launch the
   * fleet, the instances keep running, because only a person can have started them.
   */
  evict(service: Service, instances: readonly string[]): Promise<void>;
  /** Why the release's instances in the slot are not ready: the end of their console output, and the provider's reasons. */
  evidence(service: Service, slot: Slot, release: string): Promise<{ instance: string; said: string }[]>;
  /** Deletes launch template versions of old releases, and only those that Cutover made. Returns how many. */
  tidy(live: FleetRelease): Promise<number>;
  /** What the slot would be launched from, with a pinned version. Throws Rejected if it does not exist or cannot work. */
  template(service: Service, slot: Slot): Promise<Template>;
  /** The service and slot that an instance is in, by what EC2 says now; null: none. */
  slotOf(services: readonly Service[], instance: string): Promise<Standing | null>;
}
