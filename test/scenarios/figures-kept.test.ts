/** What the ledger keeps of a rollout's figures: all its minutes, also where writing them fails, and never in the way. */
import { expect, it } from 'vitest';
import { figuresTable } from '../../cli/live/figures-table.ts';
import { canary } from '../../core/index.ts';
import { history, type ShownRollout } from '../../pipeline/operations/history.ts';
import { statuses } from '../../pipeline/operations/status.ts';
import { liveStory, type Story, serviceOf } from '../build.ts';

const policy = { service: { strategy: canary([5, 50], { bake: '10 minutes', keepOldFor: '10 minutes' }) } };
const minute = 60_000;

const newest = async (story: Story): Promise<Required<ShownRollout>> => {
  const asked = { limit: 1, figures: true };
  const { rollouts } = await story.during(history(story.ports(), 'shop', asked));
  return rollouts[0] as Required<ShownRollout>;
};
const gaps = (figures: { at: number }[]): number[] =>
  figures.slice(1).map(({ at }, index) => (at - (figures[index]?.at ?? 0)) / minute);

it('a good version leaves every minute of its traffic, with the weight and both versions', async () => {
  const story = await liveStory(policy);
  story.push('v2');
  await story.rest();
  const { outcome, steps, figures } = await newest(story);
  expect(outcome).toBe('live');
  expect(new Set(gaps(figures))).toEqual(new Set([1]));
  expect(figures.length).toBeGreaterThanOrEqual(28);
  expect(figures[0]?.at).toBe(Math.floor((steps[0]?.at ?? 0) / minute) * minute);
  expect([...new Set(figures.map(({ weight }) => weight))]).toEqual([5, 50, 100]);
  const half = figures.filter(({ weight }) => weight === 50).slice(2);
  for (const { new: fresh, old, evidence } of half) {
    expect((fresh?.requests ?? 0) / (old?.requests ?? 1)).toBeCloseTo(1, 0);
    expect(evidence).toBeGreaterThanOrEqual(0);
  }
  const table = figuresTable(figures);
  expect(table[0]).toMatch(/^from +weight +new: requests +errors +old: requests +errors +evidence$/);
  // The new version's first requests come a little later than its weight.
  expect(table[1]).toMatch(/^20\S+ \S+ UTC +5 % +- +- +[\d,]+ +[\d.]+ % +-$/);
  expect(table.some((line) => / 50 % .* to 1$/.test(line))).toBe(true);
});

it('a bad version leaves the evidence that rolled it back', async () => {
  const story = await liveStory(policy);
  story.push('v2', { errorRate: 0.05 });
  await story.rest();
  const { outcome, reason, figures } = await newest(story);
  expect([outcome, /evidence/.test(reason)]).toEqual(['failed', true]);
  expect(Math.max(...figures.map(({ evidence }) => evidence ?? 0))).toBeGreaterThanOrEqual(2);
  expect(figures.some(({ new: fresh }) => (fresh?.errors ?? 0) > 0)).toBe(true);
});

it('a rollout shows the limits that it had, whatever is configured since', async () => {
  const story = await liveStory({ service: { ...policy.service, checks: { errorRate: { atMost: '3%' } } } });
  story.push('v2');
  await story.rest();
  const later = serviceOf({ ...policy.service, checks: { errorRate: { atMost: '7%' } } });
  await story.during(story.ledger.applyConfiguration([later], { author: 'ann', commit: 'beef', at: 0 }));
  const { limits } = await newest(story);
  expect(limits).toMatchObject({ errorRate: 0.03, evidence: 100, worse: { ratio: 1.25 } });
  expect(limits?.rollsBack).toContain("more than 3 % of the new version's requests fail");
});

it('status shows programs the figures of a rollout that is under way, and none at rest', async () => {
  const story = await liveStory(policy);
  story.push('v2');
  await story.after(15 * 60);
  const shown = async () =>
    (await story.during(statuses(story.ports(), ['shop'], {}, { figures: true }))).views[0]?.figures;
  expect((await shown())?.length).toBeGreaterThan(3);
  await story.rest();
  expect(await shown()).toEqual([]);
});
