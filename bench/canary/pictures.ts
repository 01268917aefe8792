/** What docs/analysis.md shows: evidence as it grows, and what becomes of a test that is asked every minute. */
import { compare } from '../../core/analysis/compare.ts';
import type { PeriodCounts } from '../../core/analysis/samples.ts';
import { poisson, seededRandom } from '../../core/basics/random.ts';
import type { ComparisonSettings } from '../../core/config/service.ts';
import { type Line, svgOf } from '../../report/chart.ts';
import { serviceOf } from '../../test/build.ts';

const settings = serviceOf().checks.comparison as ComparisonSettings;
const needed = 1 / settings.falseAlarms;

interface Told {
  fresh: PeriodCounts[];
  old: PeriodCounts[];
  before: PeriodCounts[];
}

/** A thousand requests a minute, a tenth of them the new version's. */
const told = (minutes: number, fresh: (at: number) => number, old: (at: number) => number, seed: number): Told => {
  const random = seededRandom(seed);
  const period = (at: number, mean: number, rate: number): PeriodCounts => {
    const requests = poisson(random, mean);
    return { at, requests, errors: Math.min(requests, poisson(random, requests * rate)), connectionErrors: 0 };
  };
  const all = Array.from({ length: minutes }, (_, at) => at);
  return {
    before: Array.from({ length: 180 }, (_, at) => period(at - 180, 1000, old(0))),
    fresh: all.map((at) => period(at, 100, fresh(at))),
    old: all.map((at) => period(at, 900, old(at))),
  };
};

const upTo = ({ fresh, old, before }: Told, minutes: number): Told => ({
  fresh: fresh.slice(0, minutes),
  old: old.slice(0, minutes),
  before,
});

const evidence = (): string => {
  const usual = () => 0.001;
  const badDay = (at: number) => (at >= 15 && at < 35 ? 0.03 : 0.001);
  const line = (name: string, fresh: (at: number) => number, old: (at: number) => number): Line => {
    const story = told(60, fresh, old, 4);
    const points = Array.from({ length: 60 }, (_, at) => {
      const found = compare(upTo(story, at + 1), settings);
      return [at + 1, found.evidence] as const;
    });
    return { name, points };
  };
  return svgOf({
    title: 'Evidence that the new version is worse, at 100 of 1,000 requests a minute',
    x: { title: 'minutes', from: 0, to: 60 },
    y: {
      title: 'evidence to 1, at its highest',
      from: 1,
      to: 1_000_000,
      logarithmic: true,
      text: (value) => value.toLocaleString('en'),
    },
    lines: [
      line('1 % fail, 0.1 % before', () => 0.01, usual),
      line('5 % fail from minute 30 on', (at) => (at >= 30 ? 0.05 : 0.001), usual),
      line('as good as before', usual, usual),
      line('3 % of both fail, minutes 15 to 35', badDay, badDay),
    ],
    mark: { y: needed, text: 'rolled back' },
  });
};

const runs = 500;

/** Two proportions, pooled, one-sided at 1 %: right once, and asked every minute. */
const zTest = ({ fresh, old }: Told): boolean => {
  const sum = (all: PeriodCounts[], of: (one: PeriodCounts) => number) =>
    all.reduce((total, one) => total + of(one), 0);
  const [n, m] = [sum(fresh, (one) => one.requests), sum(old, (one) => one.requests)];
  const [x, y] = [sum(fresh, (one) => one.errors), sum(old, (one) => one.errors)];
  const pooled = (x + y) / (n + m);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return spread > 0 && (x / n - y / m) / spread > 2.326;
};

const looking = (): string => {
  const strict = { ...settings, worse: { ratio: 1, plus: 0 } };
  const stories = Array.from({ length: runs }, (_, seed) =>
    told(
      60,
      () => 0.001,
      () => 0.001,
      seed + 1,
    ),
  );
  const failedBy = (name: string, minuteOf: (story: Told) => number): Line => {
    const minutes = stories.map(minuteOf);
    const points = Array.from(
      { length: 61 },
      (_, at) => [at, minutes.filter((minute) => minute < at).length / runs] as const,
    );
    return { name, points, steps: true };
  };
  const first = (story: Told, says: (seen: Told) => boolean): number => {
    for (let at = 0; at < 60; at++) if (says(upTo(story, at + 1))) return at;
    return Infinity;
  };
  return svgOf({
    title: 'Good versions that had been failed by then, looking every minute',
    x: { title: 'minutes', from: 0, to: 60 },
    y: { title: 'of 500 rollouts', from: 0, to: 1, text: (share) => `${Math.round(share * 100)} %` },
    lines: [
      failedBy('more than 1 % in any minute', (story) =>
        first(story, ({ fresh }) => {
          const last = fresh.at(-1);
          return last !== undefined && last.errors > 0.01 * last.requests;
        }),
      ),
      failedBy('z-test at 1 %', (story) => first(story, zTest)),
      failedBy('Cutover at 1 %, without a margin', (story) => compare(story, strict).failedAt ?? Infinity),
    ],
    mark: { y: 0.01, text: '1 %' },
  });
};

/** File name → contents. */
export const pictures = (): Record<string, string> => ({ 'evidence.svg': evidence(), 'looking.svg': looking() });
