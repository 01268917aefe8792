/** Requests in virtual time: a rate per rule, spread by weights and health, with noise from a seed. They are counted when they are read. */
import { binomial, poisson } from '../core/basics/random.ts';
import type { Rule } from './simulated/load-balancing.ts';
import type { Expected } from './simulated/response-times.ts';
import { type Routing, routing } from './simulated/target-health.ts';
import type { World } from './simulated/world.ts';

export interface Tally {
  requests: number;
  failed: number;
}

/** Requests that failed, and why: there was no target, one did not take the connection, none answered, or its program answered with an error. */
export interface Failed {
  cause: 'nobody' | 'connection' | 'silence' | 'error';
  targetGroup: string | null;
  image: string;
  requests: number;
  /** When, at the earliest; nothing has changed since. */
  at: number;
}

export interface TrafficOptions {
  world: World;
  random: () => number;
  /** Share of an image's answers that are 5xx, 0 to 1. */
  errorRate: (image: string) => number;
  /** Share of requests that it never answers. */
  hangRate: (image: string) => number;
  /** How long its answers take: the middle one in milliseconds, and the spread of the logarithm. */
  latency: (image: string) => { median: number; spread: number };
  /** How many times as long an instance takes for an answer, and until when; undefined: as long as its image's do. */
  coldness?: (id: string) => { times: number; until: number } | undefined;
  onFailed?: ((failed: Failed) => void) | undefined;
}

export type Traffic = ReturnType<typeof createTraffic>;

export const createTraffic = ({ world, random, errorRate, hangRate, latency, coldness, onFailed }: TrafficOptions) => {
  const rates = new Map<Rule, (at: number) => number>();
  const images = new Map<string, Tally>();
  let settledTo = world.time.now();

  const tally = (image: string, requests: number, failed: number): void => {
    const sum = images.get(image) ?? { requests: 0, failed: 0 };
    sum.requests += requests;
    sum.failed += failed;
    images.set(image, sum);
  };

  const tell = (
    targetGroup: string | null,
    image: string,
    at: number,
    by: Partial<Record<Failed['cause'], number>>,
  ): void => {
    if (onFailed === undefined) return;
    for (const [cause, requests] of Object.entries(by) as [Failed['cause'], number][])
      if (requests > 0) onFailed({ cause, targetGroup, image, requests, at });
  };

  /** What so many requests of one image's instances took: a cold instance answers more slowly than the others. */
  const tookOf = (image: string, ids: readonly string[], requests: number, at: number): Expected[] => {
    const usual = latency(image);
    const byTimes = new Map<number, number>();
    for (const id of ids) {
      const cold = coldness?.(id);
      const times = cold === undefined || cold.until <= at ? 1 : cold.times;
      byTimes.set(times, (byTimes.get(times) ?? 0) + 1);
    }
    let left = requests;
    let instances = ids.length;
    return [...byTimes].map(([times, some]) => {
      const share = some === instances ? left : binomial(random, left, some / instances);
      left -= share;
      instances -= some;
      return { requests: share, median: usual.median * times, spread: usual.spread };
    });
  };

  /** Requests that one target group got: split over its images, and into those whose target answers and those that reach nobody. */
  const serve = (targetGroup: string, to: Routing, requests: number, at: number): void => {
    if (to.targets === 0) {
      tally('', requests, requests);
      tell(targetGroup, '', at, { nobody: requests });
      return;
    }
    let left = requests;
    let targets = to.targets;
    let errors = 0;
    let connectionErrors = 0;
    let unanswered = 0;
    const took: Expected[] = [];
    for (const [image, part] of to.images) {
      const share = binomial(random, left, part.targets / targets);
      const lost = binomial(random, share, 1 - part.answering.length / part.targets);
      const hung = binomial(random, share - lost, hangRate(image));
      const bad = binomial(random, share - lost - hung, errorRate(image));
      left -= share;
      targets -= part.targets;
      errors += bad;
      connectionErrors += lost;
      unanswered += hung;
      if (share > lost + hung) took.push(...tookOf(image, part.answering, share - lost - hung, at));
      tally(image, share, bad + lost + hung);
      tell(targetGroup, image, at, { connection: lost, silence: hung, error: bad });
    }
    world.count(targetGroup, { requests, errors, connectionErrors, unanswered }, at, took);
  };

  const spread = (rule: Rule, perMinute: number, from: number, to: number): void => {
    const weights = world.effectiveWeights(rule.arn, from);
    let left = poisson(random, (perMinute * (to - from)) / 60_000);
    let weight = weights.reduce((sum, group) => sum + group.weight, 0);
    if (weight === 0) {
      tally('', left, left);
      tell(null, '', from, { nobody: left });
    }
    for (const group of weights) {
      if (group.weight === 0 || left === 0) continue;
      const requests = binomial(random, left, group.weight / weight);
      left -= requests;
      weight -= group.weight;
      const target = world.targetGroups.get(group.targetGroup);
      if (target !== undefined && requests > 0) serve(group.targetGroup, routing(target, from), requests, from);
    }
  };

  /** Until when weights and health stay as they are, if nobody acts: at most a metric period. */
  const steadyUntil = (from: number, now: number): number => {
    let until = Math.min(now, (Math.floor(from / world.metricPeriod) + 1) * world.metricPeriod);
    for (const rule of rates.keys()) {
      for (const route of rule.routes) if (route.from > from) until = Math.min(until, route.from);
      for (const { targetGroup, weight } of world.effectiveWeights(rule.arn, from)) {
        const group = world.targetGroups.get(targetGroup);
        if (weight === 0 || group === undefined) continue;
        const to = routing(group, from);
        until = Math.min(until, to.until);
        for (const { answering } of to.images.values())
          for (const id of answering) {
            const warmAt = coldness?.(id)?.until;
            if (warmAt !== undefined && warmAt > from) until = Math.min(until, warmAt);
          }
      }
    }
    return until;
  };

  const settle = (): void => {
    const now = world.time.now();
    if (rates.size === 0) settledTo = now;
    while (settledTo < now) {
      const from = settledTo;
      const to = steadyUntil(from, now);
      for (const [rule, perMinute] of rates) spread(rule, perMinute(from), from, to);
      settledTo = to;
    }
  };
  world.beforeChange.push(settle);

  return {
    /** From now on: requests per minute through a rule, fixed or by the time. */
    set: (arn: string, perMinute: number | ((at: number) => number)): void => {
      settle();
      const rule = world.rules.get(arn);
      if (rule === undefined) throw new Error(`local cloud: no rule ${arn} to send traffic through`);
      rates.set(rule, typeof perMinute === 'number' ? () => perMinute : perMinute);
    },
    /** All requests so far, by the image that got them, and under '' those that no target was there for. */
    totals: (): Tally & { images: Map<string, Tally> } => {
      settle();
      const all = { requests: 0, failed: 0, images };
      for (const { requests, failed } of images.values()) {
        all.requests += requests;
        all.failed += failed;
      }
      return all;
    },
  };
};
