/** What is drawn by chance, which periods are closed, and the names of errors: small parts that everything else relies on. */
import { describe, expect, test } from 'vitest';
import { closedPeriods } from '../../../core/analysis/closed-periods.ts';
import {
  errorNames,
  messageOf,
  Rejected,
  RolloutFailed,
  StaleToken,
  Transient,
  Unreadable,
} from '../../../core/basics/errors.ts';
import { binomial, normal, poisson, seededRandom } from '../../../core/basics/random.ts';
import { minute, service, start } from '../build.ts';

const many = 4000;
/** Mean and variance of many draws; both are held to four of their standard errors. */
const drawn = (draw: (random: () => number) => number): { mean: number; variance: number; all: number[] } => {
  const random = seededRandom(7);
  const all = Array.from({ length: many }, () => draw(random));
  const mean = all.reduce((sum, one) => sum + one, 0) / many;
  return { mean, variance: all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / many, all };
};

/** How many numbers a draw takes. */
const usedBy = (draw: (random: () => number) => number): number => {
  const random = seededRandom(3);
  let used = 0;
  draw(() => {
    used++;
    return random();
  });
  return used;
};

describe('chance', () => {
  test('from the same seed is the same, from another another', () => {
    const three = (seed: number) => {
      const random = seededRandom(seed);
      return [random(), random(), random()];
    };
    expect(three(1)).toEqual(three(1));
    expect(three(1)).not.toEqual(three(2));
    expect(new Set(three(1)).size).toBe(3);
  });

  test('gives the numbers of mulberry32, so that what was recorded with a seed can be played again', () => {
    const random = seededRandom(1);
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  test('is spread evenly from 0 to 1', () => {
    const { mean, variance, all } = drawn((random) => random());
    expect(mean).toBeCloseTo(1 / 2, 1);
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...all)).toBeLessThan(1);
  });

  test('that is normal has mean 0 and variance 1, and a third of it lies further out', () => {
    const { mean, variance, all } = drawn(normal);
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(all.filter((one) => Math.abs(one) > 1).length / many).toBeCloseTo(0.317, 1);
  });

  test.each([0, 0.3, 5, 29, 30, 400])('of events of which %d are expected has that mean and that variance', (mean) => {
    const found = drawn((random) => poisson(random, mean));
    expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(4 * Math.sqrt(mean / many));
    expect(Math.abs(found.variance - mean)).toBeLessThanOrEqual(4 * Math.sqrt((mean + 2 * mean ** 2) / many));
    expect(found.all.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
  });

  test.each([
    [10, 0.3],
    [10, 0.7],
    [200, 0.01],
    [200, 0.5],
    [1000, 0.2],
    [1000, 0.97],
    [3, 0.04],
  ])('of %i trials at %d each has the mean and the variance of these', (n, p) => {
    const found = drawn((random) => binomial(random, n, p));
    const [mean, variance] = [n * p, n * p * (1 - p)];
    expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(4 * Math.sqrt(variance / many));
    expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(
      4 * Math.sqrt((variance + 2 * variance ** 2) / many),
    );
    expect(found.all.every((count) => Number.isInteger(count) && count >= 0 && count <= n)).toBe(true);
  });

  test.each([
    [0, 0.5, 0],
    [5, 0, 0],
    [5, -0.1, 0],
    [5, 1, 5],
    [5, 1.1, 5],
  ])('of %i trials at %d each is no chance: %i', (n, p, expected) => {
    expect(binomial(seededRandom(1), n, p)).toBe(expected);
  });

  test.each<[string, (random: () => number) => number, number]>([
    ['thirty events', (random) => poisson(random, 30), 2],
    ['a million events', (random) => poisson(random, 1e6), 2],
    ['no trial', (random) => binomial(random, 0, 0.5), 0],
    ['what never happens', (random) => binomial(random, 5, 0), 0],
    ['what always happens', (random) => binomial(random, 5, 1), 0],
    ['a million trials', (random) => binomial(random, 1e6, 0.5), 2],
    ['a thousand trials', (random) => binomial(random, 1000, 0.2), 2],
    ['a hundred trials, each for itself', (random) => binomial(random, 100, 0.5), 100],
    ['twenty trials, each for itself', (random) => binomial(random, 20, 0.3), 20],
    ['twenty that rather happen, each for itself', (random) => binomial(random, 20, 0.7), 20],
    ['a hundred at one in twenty, each for itself', (random) => binomial(random, 100, 0.05), 100],
  ])('of %s is drawn at once', (_, draw, expected) => {
    expect(usedBy(draw)).toBe(expected);
  });

  test('of what is rare, or rarely does not happen, takes little more than there is of it', () => {
    expect(usedBy((random) => binomial(random, 1000, 0.01))).toBeLessThan(40);
    expect(usedBy((random) => binomial(random, 1000, 0.99))).toBeLessThan(40);
  });

  test('of many is above what is expected where the normal draw is above 0', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const above = normal(seededRandom(seed)) > 0;
      expect(poisson(seededRandom(seed), 1e6) > 1e6).toBe(above);
      expect(binomial(seededRandom(seed), 1e6, 0.5) > 5e5).toBe(above);
    }
  });

  test('never has fewer than none or more than all of rare or common events', () => {
    const extreme = [0, 0.999];
    for (const at of extreme) {
      expect(poisson(() => at, 30)).toBeGreaterThanOrEqual(0);
      for (const p of [0.04, 0.3, 0.96]) {
        const count = binomial(() => at, 200, p);
        expect(count).toBeGreaterThanOrEqual(0);
        expect(count).toBeLessThanOrEqual(200);
      }
    }
  });
});

describe('closed periods', () => {
  const one = service({ timing: { period: '5 minutes', settling: '2 minutes' } });

  test('go from the one that a time is in to the last that has ended long enough ago', () => {
    expect(closedPeriods(one, start + 7 * minute, start + 21 * minute)).toEqual({
      start: start + 5 * minute,
      end: start + 15 * minute,
    });
    expect(closedPeriods(one, start + 5 * minute, start + 22 * minute)).toEqual({
      start: start + 5 * minute,
      end: start + 20 * minute,
    });
  });

  test('are none before the first is complete', () => {
    const { start: from, end } = closedPeriods(one, start, start + minute);
    expect(end).toBeLessThanOrEqual(from);
  });
});

describe('errors', () => {
  test('bear the names that the state machine knows, whatever a bundler makes of their classes', () => {
    const known = [new Transient('x'), new Rejected('x'), new StaleToken('x'), new RolloutFailed('x')];
    expect(known.map(({ name }) => name)).toEqual([...errorNames]);
    expect(errorNames).toEqual(['Transient', 'Rejected', 'StaleToken', 'RolloutFailed']);
    expect(new Unreadable('x').name).toBe('Unreadable');
  });

  test('that reject keep what went wrong and what to do about it apart, and say both', () => {
    const finding = { problem: 'it is not there', remedy: 'make it' };
    expect(new Rejected(finding)).toMatchObject({ message: 'it is not there: make it', finding });
    const plain = { problem: 'it is not there', remedy: '' };
    expect(new Rejected('it is not there')).toMatchObject({ message: 'it is not there', finding: plain });
  });

  test.each<[unknown, string]>([
    [new Transient('throttled'), 'throttled'],
    ['plain text', 'plain text'],
    [undefined, 'undefined'],
    [7, '7'],
  ])('that are %j read %j', (thrown, text) => {
    expect(messageOf(thrown)).toBe(text);
  });
});
