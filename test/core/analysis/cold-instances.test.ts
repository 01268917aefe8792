/** Instances that are launched as the weight grows are cold at each weight: slow answers of their first minutes say nothing about the version. */
import { describe, expect, test } from 'vitest';
import { compare } from '../../../core/analysis/compare.ts';
import type { PeriodCounts } from '../../../core/analysis/samples.ts';
import { judge } from '../../../core/analysis/verdict.ts';
import { poisson, seededRandom } from '../../../core/basics/random.ts';
import { plan, service } from '../build.ts';

const minute = 60_000;
const thresholds = [{ old: 0.25, fresh: 0.275 }];
const settings = service({}).checks.comparison ?? expect.fail('nothing is compared');

/** Weights of 5, 25 and 50 % for five minutes each; `coldShare` of the answers of a cold minute's new instances are slow, 10 % of all others. */
const rollout = (seed: number, coldShare: number, perMinute = 4000) => {
  const random = seededRandom(seed);
  const fresh: PeriodCounts[] = [];
  const old: PeriodCounts[] = [];
  const side = (at: number, requests: number, slow: number, errors = 0): PeriodCounts => ({
    at: at * minute,
    requests,
    errors,
    connectionErrors: 0,
    answered: requests,
    slow: [Math.min(requests, poisson(random, requests * slow))],
  });
  for (let at = 0; at < 15; at++) {
    const weight = [0.05, 0.25, 0.5][Math.floor(at / 5)] as number;
    const before = [0, 0.05, 0.25][Math.floor(at / 5)] as number;
    const isNew = 1 - before / weight;
    const slow = at % 5 < 2 ? isNew * coldShare + (1 - isNew) * 0.1 : 0.1;
    fresh.push(side(at, poisson(random, perMinute * weight), slow));
    old.push(side(at, poisson(random, perMinute * (1 - weight)), 0.1));
  }
  const before = Array.from({ length: 180 }, (_, at) => side(at - 180, perMinute, 0.1));
  return { fresh, old, before };
};

describe('new instances that are slow for two minutes at each weight', () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1);
  const failed = (coldFrom: number[]) =>
    seeds.filter((seed) => compare({ ...rollout(seed, 0.3), thresholds, coldFrom }, settings).failedAt !== null).length;

  test('are taken for a slow version where nothing says when they began', () => {
    expect(failed([])).toBe(seeds.length);
  });

  test('roll nothing back where times are left out from each growth on', () => {
    expect(failed([5 * minute, 10 * minute])).toBe(0);
  });

  test('hide no version that stays slow', () => {
    const { fresh, ...others } = rollout(1, 0.1);
    const slow = fresh.map((one) => ({ ...one, slow: [Math.round(one.requests * 0.2)] }));
    expect(
      compare({ fresh: slow, ...others, thresholds, coldFrom: [5 * minute, 10 * minute] }, settings).failedAt,
    ).not.toBeNull();
  });

  test('hide no errors: users got them', () => {
    const { fresh, ...others } = rollout(1, 0.1);
    const failing = fresh.map((one) => (one.at === 5 * minute ? { ...one, errors: 100 } : one));
    expect(compare({ fresh: failing, ...others, thresholds, coldFrom: [5 * minute] }, settings).failedAt).toBe(
      5 * minute,
    );
  });
});

describe('the verdict', () => {
  const judged = (growth: 'withWeight' | 'upfront', raised: number[]) => {
    const { fresh, old, before } = rollout(3, 0.3);
    const given = plan({ times: [0.25], configuration: service({ growth }) });
    const shifted = (some: PeriodCounts[]) => some.map((one) => ({ ...one, at: one.at + given.at }));
    return judge({
      plan: given,
      step: 3,
      health: { blue: { healthy: 4, needed: 4 }, green: { healthy: 4, needed: 2 } },
      alarms: [],
      signals: [],
      since: given.at + 10 * minute,
      now: given.at + 15 * minute,
      raised: raised.map((at) => given.at + at),
      series: { blue: shifted(old), green: shifted(fresh) },
      before: shifted(before),
    }).verdict;
  };

  test('leaves out cold minutes where instances are launched with the weight, and only there', () => {
    const raised = [0, 5 * minute, 10 * minute];
    expect(judged('withWeight', raised)).not.toBe('fail');
    expect(judged('upfront', raised)).toBe('fail');
    expect(judged('withWeight', [0])).toBe('fail');
  });
});
