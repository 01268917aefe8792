/** Makes the plan a rollout follows, and says in words what it comes to. */
import { effectiveBake } from './bake.ts';
import { needed, targetCount } from './capacity.ts';
import type { Service } from './configuration.ts';
import { formatDuration } from './duration.ts';
import { formatRate } from './format.ts';
import type { Plan, Template } from './plan.ts';
import { fullSlot } from './protocol.ts';
import { otherSlot, type Publication, type Row, type Slot } from './row.ts';

export interface PlanRequest {
  service: Service;
  publication: Publication;
  row: Row;
  /** Instances in the old slot: those that carry this product's tags, and others that stand in its target group. */
  observed: { ours: number; foreign: number };
  /** Null where the fleet keeps its own template. */
  template: Template | null;
  /** Names of the alarms that are on now. */
  alarmsOn: string[];
  now: number;
}

/** The slot that a rollout replaces: the live one's, or else the one that has the weight. */
export const oldSlotOf = (row: Row): Slot => row.live?.slot ?? fullSlot(row.wanted.weights);

/**
 * The plan. With no old fleet there is nothing to compare with and nothing to go back to, so all the traffic goes over in one step.
 */
export const planOf = ({ service, publication, row, observed, template, alarmsOn, now }: PlanRequest): Plan => {
  const { release, image, attempt, by, asked } = publication;
  const slot = oldSlotOf(row);
  const kind = observed.ours > 0 ? 'ours' : observed.foreign > 0 ? 'foreign' : 'none';
  const { steps } = service.strategy;
  return {
    schema: 1,
    service: service.name,
    release,
    image,
    attempt,
    by,
    asked,
    old: {
      slot,
      kind,
      release: kind === 'none' ? null : (row.live?.release ?? null),
      count: observed.ours + observed.foreign,
    },
    new: { slot: otherSlot(slot) },
    steps: kind === 'none' ? steps.slice(-1) : steps,
    template,
    alarmsOn,
    configuration: service,
    at: now,
  };
};

export interface PlanDescription {
  /** One sentence. */
  summary: string;
  /** Per step: how many instances the weight needs, and how many stand in both slots together. */
  steps: { step: number; weight: number; bake: string; needed: number; launched: number; total: number }[];
  /** The shortest it can take, without booting, smoke tests, approval and draining: seconds, and in words. */
  atLeast: { seconds: number; text: string };
  /** What must have happened by when. */
  deadlines: string[];
  /** What sends it back. */
  aborts: string[];
}

/** The plan for people, at a demand of `demand` instances. */
export const describePlan = (plan: Plan, demand: number = plan.configuration.fleet.count): PlanDescription => {
  const { checks, approval, timing } = plan.configuration;
  const running = plan.old.kind === 'none' ? 0 : demand;
  const steps = plan.steps.map(({ weight, bake }, index) => {
    const launched = targetCount(plan, index + 1, demand);
    return {
      step: index + 1,
      weight,
      bake: formatDuration(effectiveBake({ bake }, timing)),
      needed: needed(demand, weight),
      launched,
      total: running + launched,
    };
  });
  const seconds = shortest(plan);
  return {
    summary: summaryOf(plan),
    steps,
    atLeast: { seconds, text: `${formatDuration(seconds)}, and booting, tests and draining` },
    deadlines: [
      `each step's instances are ready within ${formatDuration(checks.readyWithin)}`,
      ...(approval === null ? [] : [`a person approves within ${formatDuration(approval.within)}; no answer means no`]),
    ],
    aborts: [
      ...checks.smoke.map(
        ({ path, from, to, within }) =>
          `${path} answers other than ${from} to ${to}, or not in ${formatDuration(within)}`,
      ),
      'fewer healthy targets than a weight needs',
      `more than ${formatRate(checks.errorRate.atMost)} of the new version's requests fail`,
      ...checks.alarms.map(
        (name) =>
          `alarm ${name}${plan.alarmsOn.includes(name) ? ' (on now: muted until it was off for a period)' : ''}`,
      ),
      'a person aborts or rejects it',
    ],
  };
};

/** Warm-up and bakes; and an old fleet is removed only once the last change of weights has settled. */
const shortest = ({ steps, configuration: { checks, timing } }: Plan): number => {
  const bakes = steps.map((step) => effectiveBake(step, timing));
  const unsettled = Math.max(0, timing.settling - (bakes.at(-1) ?? 0));
  return checks.warmUp + bakes.reduce((sum, bake) => sum + bake, 0) + unsettled;
};

const summaryOf = ({ service, image, release, attempt, old, new: fresh, steps }: Plan): string => {
  const weights = steps.map(({ weight }) => weight).join(', ');
  const from = {
    none: 'no old fleet, so nothing to go back to',
    ours: `from ${old.release ?? 'a fleet without a recorded release'} in ${old.slot}`,
    foreign: `from a fleet in ${old.slot} that was not launched here`,
  }[old.kind];
  return `${service}: ${image.label} (${release}, attempt ${attempt}) into ${fresh.slot} at ${weights} %; ${from}`;
};
