/** What a step may observe and do. Types only; no SDK type in or out. Every verb is a `set`, an `ensure` or a look: it may run twice. */

import type { PeriodCounts } from '../../core/analysis/samples.ts';
import type { Finding } from '../../core/basics/finding.ts';
import type { Image } from '../../core/basics/image.ts';
import type { Service } from '../../core/config/parse.ts';
import type { Act, AdoptionFacts, SoughtSlots } from '../../core/fleet/adoption.ts';
import type { Own } from '../../core/fleet/orphans.ts';
import type { Limits, Plan, Template } from '../../core/plan/plan.ts';
import type { Decision } from '../../core/protocol/protocol.ts';
import type { AttemptRecord, Row, Slot, Weights } from '../../core/protocol/row.ts';
import type { HistoryEvent } from '../../core/release/history.ts';

/** Rows, records, events, configurations. Reads are consistent. */
export interface Ledger {
  /** Null: nothing was ever decided about this service. */
  row(service: string): Promise<Row | null>;
  /**
   * The only way to change a row: reads it, asks `decide`, writes row and records and the event in one transaction if nobody wrote
   * meanwhile; else reads again. `first` makes the row of a service that has none; without it such a service is an error.
   */
  decide(
    service: string,
    decide: (row: Row) => Decision | Promise<Decision>,
    options?: { first?: () => Promise<Row>; event?: (decision: Decision & { ok: true }) => HistoryEvent | null },
  ): Promise<Decision>;
  /** Every attempt on record for a release, oldest first. */
  records(service: string, release: string): Promise<AttemptRecord[]>;
  /** Adds an event to the service's history; one with the same `id` is kept once. */
  append(service: string, event: HistoryEvent): Promise<void>;
  /** Newest first; at most `limit`. */
  history(service: string, limit?: number): Promise<HistoryEvent[]>;
  configuration(service: string): Promise<Service | null>;
  services(): Promise<string[]>;
}

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
  /** Failures to launch before then are nobody's of this release. */
  since: number;
}

/** What an admission needs of the fleet, to find out beforehand what would go wrong. */
export interface FleetNeeds {
  /** The slot that is live, and the one that is to take the new fleet. */
  old: Slot;
  new: Slot;
  /** How many instances the new one is to have in the end, and how many more than now run at the most. */
  count: number;
  extra: number;
  /** What it is launched from. */
  template: Template;
}

/** A fleet as counts per slot: numbered instances or an Auto Scaling group may stand behind it. */
export interface Fleet {
  observe(service: Service, slot: Slot): Promise<FleetView>;
  /**
   * Makes the slot have `count` instances of the release, registered with its target group. Never lowers a count.
   * `short` says in words what was not to be had (capacity of a zone, even if another gave it; a quota), null otherwise.
   */
  ensure(release: FleetRelease, slot: Slot, count: number): Promise<{ launched: number; short: string | null }>;
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
  /** Whatever runs or will, and bears the service's tag and a release's, wherever it stands; nothing that a group keeps. */
  own(service: Service): Promise<Own[]>;
  /**
   * One bounded step: these leave both slots' target groups, drain, and end. Call again until they are gone. Where groups launch, they live
   * on, as only a person can have put them beside one.
   */
  evict(service: Service, instances: readonly string[]): Promise<void>;
  /** What the release's unready instances in the slot said: console output's tail and the provider's reasons. */
  evidence(service: Service, slot: Slot, release: string): Promise<{ instance: string; said: string }[]>;
  /** What the slot would be launched from, pinned. Throws Rejected when it does not exist or cannot work. */
  template(service: Service, slot: Slot): Promise<Template>;
  /** Which service's slot an instance stands in; null: nobody's. */
  slotOf(services: readonly Service[], instance: string): Promise<{ service: Service; slot: Slot } | null>;
}

/** Everything about the account that would make a rollout go wrong, each with its remedy. */
export type Faults = (service: Service, needs: FleetNeeds) => Promise<Finding[]>;

export interface RuleWeights {
  rule: string;
  weights: Weights;
}

/** A target's zone is its instance's: the load balancer does not say it. */
export interface TargetHealth {
  id: string;
  state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';
  reason: string | null;
  /** Where a probe reaches it. */
  port: number;
}

export interface Traffic {
  /** The weights of every rule of the service, as the load balancer has them. Throws Rejected for a rule it cannot edit. */
  weights(service: Service): Promise<RuleWeights[]>;
  /**
   * Edits the weights inside the one forward action of each rule that differs; everything else on the rule stays. None edited: all agreed.
   * `about` is awaited before a weight is changed, once. Throws for a rule that cannot be edited, when all the others have been.
   */
  setWeights(service: Service, weights: Weights, about: () => Promise<void>): Promise<{ edited: number }>;
  /** Every rule that names a slot's target group, whether configured or not, with the weights it gives. */
  rulesNaming(service: Service): Promise<RuleWeights[]>;
  health(service: Service, slot: Slot): Promise<TargetHealth[]>;
  /** No new request goes to the instance; those in flight end. */
  deregister(service: Service, slot: Slot, instance: string): Promise<void>;
}

/** One period of one slot. */
export type SlotCounts = PeriodCounts;

/** Where figures come from: CloudWatch, or what the service names instead. */
export interface Source {
  /**
   * Settled periods that ended after `from`, oldest first. A period without requests is absent. `slow`: thresholds in seconds, whose counts
   * come along where they can be had. Throws Unreadable where the source does not answer, or answers what is no such figure.
   */
  series(
    service: Service,
    from: number,
    now: number,
    slow?: Record<Slot, readonly number[]>,
  ): Promise<Record<Slot, SlotCounts[]>>;
  /** Seconds that each share, 0 to 1, of a slot's answers took at most between two times; empty: none were measured. */
  times(service: Service, slot: Slot, shares: readonly number[], from: number, now: number): Promise<number[]>;
}

export interface Metrics extends Source {
  alarms(names: string[]): Promise<AlarmView[]>;
  /** The longest time, in milliseconds, that an alarm has been OK without a break between two times; 0 where nobody knows. */
  okFor(name: string, from: number, now: number): Promise<number>;
}

export interface AlarmView {
  name: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  /** When it entered the state, and when the data that made it so began. */
  since: number;
  dataFrom: number;
}

export interface Images {
  /** The newest image of the service's source, with its order; null when there is none. */
  newest(service: Service): Promise<Found | null>;
  /** A named image (tag, digest, AMI id …) of the service's source; null when it does not exist (any more). */
  find(service: Service, what: string): Promise<Found | null>;
}

/** An image as its registry has it, and when it was pushed or made. */
export interface Found {
  image: Image;
  order: number;
}

export type ExecutionStatus = 'running' | 'closed' | 'absent';

export interface Executions {
  /** Starts the service's state machine under a name; started already, by anyone: fine. */
  start(
    name: string,
    input: { service: string; release: string; attempt: number; token?: number },
  ): Promise<'started' | 'running' | 'closed'>;
  status(name: string): Promise<ExecutionStatus>;
  /** A closed execution that failed goes on where it stopped, as by the console's button. False: this one cannot (any more). */
  redrive(name: string): Promise<boolean>;
  /** When its history last grew; null: absent. */
  moved(name: string): Promise<number | null>;
  /** Ends a running execution where it stands; closed already, or absent: fine. What it has begun may go on for a while. */
  stop(name: string, why: string): Promise<void>;
  /** Wakes a parked task; an old token is fine. */
  wake(taskToken: string): Promise<void>;
  /** Names of running recovery executions of a service. */
  recoveries(service: string): Promise<string[]>;
}

/** Tells people and other systems. May be lost; nothing depends on it. */
export type Notify = (event: HistoryEvent & { service: string }) => Promise<void>;

/** An HTTP probe of one instance. */
export type Probe = (target: {
  instance: string;
  port: number;
  path: string;
  within: number;
}) => Promise<{ status: number; body: string }>;

/** Whose a fleet's parts are, and which they are: for taking one over, and giving it back. */
export interface Ownership {
  look(service: Service, sought: SoughtSlots): Promise<AdoptionFacts & { problems: Finding[] }>;
  /** Does one act, once however often. `made`: the ARN of what it has made. */
  perform(service: Service, act: Act): Promise<{ made: string | null }>;
}

/** What of a launch template decides how its instances live and end. */
export interface TemplateFlags {
  /** For people. */
  name: string;
  ami: string | null;
  /** Whether instances reach their metadata, where a release says what it is. */
  metadata: boolean;
  /** Whether the API may not end them. */
  protected: boolean;
  spot: boolean;
  /** Whether what ends comes back by itself. */
  returning: boolean;
  /** ARN of the role that they run as; null: none. */
  role: string | null;
}

/** What a role is asked to do; `context`: condition keys and their values. */
export interface Asked {
  action: string;
  resource: string;
  context: Record<string, string>;
}

/** What stands around a listener rule: what a first configuration is made of. */
export interface Around {
  /** That rule first, then every other one that leads to the same target groups. */
  rules: string[];
  targetGroups: { arn: string; name: string; percent: number }[];
  /** Auto Scaling groups that put their instances into one of these, and the name of the image they launch. */
  groups: { name: string; targetGroups: string[]; image: string | null }[];
  /** The path that the target groups check; null where they check none. */
  health: string | null;
}

/** What an examination looks at, and no rollout does. */
export interface Inspection {
  /** Throws Rejected for a rule that does not exist or leads nowhere. */
  around(rule: string): Promise<Around>;
  template(template: Template): Promise<TemplateFlags>;
  /** ARNs of the keys that a machine image is encrypted with. */
  imageKeys(ami: string): Promise<string[]>;
  hasRole(name: string): Promise<boolean>;
  /** What the role under a path may not do; all of it where there is no such role. */
  denied(rolePath: string, asked: Asked[]): Promise<Asked[]>;
}

export interface Ports {
  ledger: Ledger;
  fleet: Fleet;
  faults: Faults;
  ownership: Ownership;
  traffic: Traffic;
  metrics: Metrics;
  images: Images;
  executions: Executions;
  notify: Notify;
  inspection: Inspection;
  probe: Probe;
  now: () => number;
}

export type { Plan };
