/** What status shows of a rollout that waits for a person, and of one that bakes: never the same. */
import { expect, it } from 'vitest';
import { standing, statusLines } from '../../cli/pipeline/status-text.ts';
import { canary } from '../../core/index.ts';
import { answer } from '../../pipeline/operations/answer.ts';
import { type StatusView, statuses } from '../../pipeline/operations/status.ts';
import { liveStory, type Story, type StoryOptions } from '../build.ts';
import { reach } from './at-rest.ts';

const quick: StoryOptions = {
  rpm: 600,
  service: { strategy: canary([50], { bake: '10 minutes', keepOldFor: '2 minutes' }) },
};

const viewOf = async (story: Story): Promise<StatusView> => {
  const { views } = await story.during(statuses(story.ports(), ['shop'], {}));
  return views[0] as StatusView;
};

it('an approval says since when, until when, what happens otherwise and what to press', async () => {
  const story = await liveStory({ ...quick, service: { ...quick.service, approval: { within: '1 hour' } } });
  story.push('v2');
  await reach(story, 'preparing');
  await story.after(600);
  const view = await viewOf(story);
  const { waiting, bake, rollout } = view;
  expect(rollout?.phase).toBe('waiting for approval');
  expect(bake).toBeNull();
  expect(waiting).toMatchObject({
    for: 'approval',
    commands: {
      approve: `cutover approve shop --question ${waiting?.question}`,
      reject: `cutover reject shop --question ${waiting?.question}`,
    },
    otherwise: 'no user reaches the new version; without an answer by then it is rolled back',
  });
  expect(((waiting?.until ?? 0) - (waiting?.since ?? 0)) / 1000).toBe(3600);
  expect(statusLines(view).join('\n')).toMatch(/waits {5}for an approval since 20.* UTC, until 20.* UTC\n/);
  await story.during(answer(story.ports(), { service: 'shop', kind: 'approve', by: 'ada' }));
  await story.after(120);
  expect((await viewOf(story)).waiting).toBeNull();
  await story.rest();
});

it('a pause for want of requests says what it costs to wait, and an answer ends it', async () => {
  const story = await liveStory({ ...quick, rpm: 0 });
  story.push('v2');
  await reach(story, 'shifting');
  const baking = await viewOf(story);
  expect(baking.waiting).toBeNull();
  expect(baking.bake).toMatchObject({ weight: 50, bake: 600, new: { requests: 0, errors: 0 } });
  await story.after(1500);
  const view = await viewOf(story);
  expect(view.rollout?.phase).toBe('waiting for a decision');
  expect(view.waiting).toMatchObject({ for: 'decision', until: null });
  expect(view.waiting?.otherwise).toContain('traffic stays at 50 % until somebody decides');
  expect(view.waiting?.why).toContain('no requests');
  expect(view.waiting?.why).not.toContain('cutover approve');
  expect(standing(view)).toBe(`v2: waits for a decision: cutover approve shop --question ${view.waiting?.question}`);
  await story.during(answer(story.ports(), { service: 'shop', kind: 'reject', by: 'ada' }));
  await story.rest();
  expect((await viewOf(story)).waiting).toBeNull();
});

it('a bake shows requests and error rates of both versions, the evidence and the time left', async () => {
  const story = await liveStory({ ...quick, rpm: 6000 });
  story.push('v2', { errorRate: 0.0005 });
  await reach(story, 'shifting');
  await story.after(400);
  const view = await viewOf(story);
  const { bake } = view;
  expect(bake?.left).toBeGreaterThan(100);
  expect(bake?.left).toBeLessThan(300);
  expect(bake?.new.requests).toBeGreaterThan(1000);
  expect(bake?.old?.requests).toBeGreaterThan(1000);
  expect(bake?.needed).toBe(100);
  expect(statusLines(view).join('\n')).toMatch(
    /bake {6}\d minutes.* of 10 minutes left at 50 %, until .*\n.*new version: [\d,]+ of [\d,]+ requests failed \([\d.]+ %\); old version: .*\n.*evidence that it is worse: [\d.]+ to 1; 100 to 1 rolls it back/,
  );
  await story.rest();
});
