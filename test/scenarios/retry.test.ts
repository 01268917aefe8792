/** `cutover retry`, by whatever a rollout has ended: a failed execution is redriven, one that stands still goes on, and only where neither can be is an attempt asked for. */
import { describe, expect, it } from 'vitest';
import { portsOver } from '../../cli/pipeline/pipeline.ts';
import { retry } from '../../pipeline/operations/retry.ts';
import { liveStory, releaseNamed, type Story } from '../build.ts';
import { expectAtRest } from './at-rest.ts';
import { backStates, type Ending, endings, interruptible } from './interrupted.ts';

const rerun = (story: Story, release?: string) =>
  story.during(retry(portsOver(story.environment()), { service: 'shop', release, by: 'a person' }));

interface Cell {
  where: string;
  /** Where its execution ends. */
  state: string;
  /** What serves if it is re-run at once, before a recovery has come. */
  atOnce: 'v1' | 'v2';
  /** What is said once a recovery has brought it to its end; null: it is redriven, and goes live. */
  later: RegExp | null;
}

const cells: Cell[] = [
  { where: 'before traffic', state: 'CheckReady', atOnce: 'v2', later: null },
  { where: 'while a person is asked', state: 'AwaitApproval', atOnce: 'v2', later: null },
  { where: 'in a bake', state: 'Bake', atOnce: 'v2', later: null },
  { where: 'after commit', state: 'WaitToRetire', atOnce: 'v2', later: /went live: to roll it out again/ },
  { where: 'on its way back', state: 'RollBack', atOnce: 'v1', later: null },
  { where: 'while it is discarded', state: 'Discard', atOnce: 'v1', later: null },
];

const endedIn = async (state: string, ending: Ending) => {
  const { story, name, people, interrupt } = await interruptible(state);
  if (backStates.includes(state)) people.say = 'reject';
  story.push('v2');
  await interrupt(name, state, ending);
  people.say = 'approve';
  return { story, name };
};

describe.each(cells)('ended $where', ({ state, atOnce, later }) => {
  it.each(endings)('%s, and re-run at once, it goes on', async (ending) => {
    const { story, name } = await endedIn(state, ending);
    expect(await rerun(story)).toMatchObject({ release: releaseNamed('v2'), redriven: name });
    await story.rest();
    await expectAtRest(story, atOnce);
  });

  it.each(endings)('%s, it is re-run after its recovery, and not during it', async (ending) => {
    const { story, name } = await endedIn(state, ending);
    await story.time.run({ done: () => [...story.statuses.keys()].some((other) => other.startsWith('recover-')) });
    await expect(rerun(story)).rejects.toThrow(/is under way: wait for its end, or abort it/);
    await story.rest();
    if (later !== null) await expect(rerun(story)).rejects.toThrow(later);
    else {
      expect(await rerun(story, releaseNamed('v2'))).toMatchObject({ redriven: name });
      await story.rest();
      expect((await story.row()).live).toMatchObject({ attempt: 2 });
    }
    await expectAtRest(story, 'v2');
  });
});

it.each(endings)('%s again after it was re-run, it is re-run again', async (ending) => {
  const { story, name, interrupt } = await interruptible();
  story.push('v2');
  await interrupt(name, 'Bake', ending);
  await story.rest();
  await rerun(story);
  await interrupt(name, 'Bake', ending);
  await story.rest();
  expect(await rerun(story)).toMatchObject({ redriven: name });
  await story.rest();
  await expectAtRest(story, 'v2');
});

/** Its execution is stopped in a bake, and every recovery where it enters a state. */
const deadlyRecoveries = async (state: string) => {
  const deadly = { is: true };
  const story = await liveStory({
    schedule: true,
    onEvent: (execution, { type, details }) => {
      const { name } = (details ?? {}) as { name?: string };
      if (!deadly.is || !execution.startsWith('recover-') || !type.endsWith('StateEntered') || name !== state) return;
      story.time.after(1, () => void story.cloud.machine.stop(execution));
    },
  });
  story.push('v2');
  await story.after(15 * 60);
  story.cloud.machine.stop(`shop-${releaseNamed('v2')}-1`);
  return { story, deadly };
};

it.each([
  { how: 'before it took over', state: 'Begin', until: 'the next is waited for', hours: 0.5, ends: /^v2$/ },
  // By then reconcile finds its bake overdue: whichever comes first.
  { how: 'before it took over', state: 'Begin', until: 'it was stuck', hours: 9, ends: /^v[12]$/ },
  { how: 'when it had taken over', state: 'RollBack', until: 'the next is waited for', hours: 0.5, ends: /^v1$/ },
  { how: 'when it had taken over', state: 'RollBack', until: 'it was stuck', hours: 9, ends: /^v1$/ },
])('one whose every recovery died $how, until $until, goes on', async ({ state, hours, ends }) => {
  const { story, deadly } = await deadlyRecoveries(state);
  await story.after(hours * 3600);
  expect((await story.events()).some(({ kind }) => kind === 'stuck')).toBe(hours > 1);
  deadly.is = false;
  const { lock } = await story.row();
  expect(await rerun(story)).toMatchObject({ redriven: lock.state === 'held' ? lock.execution : 'nobody' });
  await story.rest();
  const version = (await story.row()).live?.release === releaseNamed('v2') ? 'v2' : 'v1';
  expect(version).toMatch(ends);
  await expectAtRest(story, version);
  story.close();
});

const aborted = async (): Promise<Story> => {
  const story = await liveStory();
  story.push('v2');
  await story.after(15 * 60);
  await story.during(story.abort('not this one'));
  await story.rest();
  return story;
};

/** What else a release may have come to, and what a re-run of it does then. */
const others: { what: string; told: () => Promise<Story>; outcome: string; release?: string; does: RegExp }[] = [
  { what: 'put back by a person', told: aborted, outcome: 'failed', does: /"redriven":"shop-/ },
  {
    what: 'put back two weeks ago',
    told: async () => {
      const story = await aborted();
      await story.after(15 * 86_400);
      return story;
    },
    outcome: 'failed',
    does: /"state":"started"/,
  },
  {
    what: 'refused',
    told: async () => {
      const story = await liveStory();
      const [rule = ''] = story.service.rules;
      const { rules } = story.cloud.world;
      const deleted = rules.get(rule);
      rules.delete(rule);
      story.push('v2');
      await story.rest();
      if (deleted !== undefined) rules.set(rule, deleted);
      return story;
    },
    outcome: 'refused',
    does: /"state":"started"/,
  },
  {
    what: 'superseded',
    told: async () => {
      const story = await liveStory();
      story.push('v2');
      await story.after(60);
      story.push('v3');
      await story.rest();
      return story;
    },
    outcome: 'superseded',
    release: 'v2',
    does: /"state":"started"/,
  },
  { what: 'live', told: liveStory, outcome: 'live', does: /went live: to roll it out again/ },
  { what: 'never heard of', told: liveStory, outcome: 'live', release: 'v9', does: /has no rollout of v9/ },
];

it.each(others)('one that was $what', async ({ told, outcome, release, does }) => {
  const story = await told();
  const rollouts = await story.rollouts();
  expect(rollouts.map((rollout) => rollout.outcome)).toContain(outcome);
  const answer = await rerun(story, release).catch((error: Error) => error.message);
  expect(JSON.stringify(answer)).toMatch(does);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed(outcome === 'live' ? 'v1' : 'v2'));
});
