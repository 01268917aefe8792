/** Answers count for the question that they were given to: not for one that was not asked yet, nor for what is found later. */
import { describe, expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { answer } from '../../pipeline/operations/answer.ts';
import { createStory, liveStory, releaseNamed, type Story } from '../build.ts';
import { reach } from './at-rest.ts';

const approval = { service: { approval: { within: '1 day' } } };

const asked = async (story: Story, minutes = 120): Promise<string> => {
  for (let looks = 0; looks < minutes; looks++) {
    await story.after(60);
    const { question } = await story.row();
    if (question !== null) return question.id;
  }
  throw new Error(`nobody was asked anything within ${minutes} minutes`);
};
const refusal = (story: Story, question?: string): Promise<string> =>
  story.during(
    answer(story.ports(), { service: 'shop', kind: 'approve', by: 'ada', question }).then(
      () => 'accepted',
      ({ message }: Error) => message,
    ),
  );

describe('an approval before traffic', () => {
  it('is refused before it is asked for, and the rollout still waits for one', async () => {
    const story = await createStory(approval);
    story.push('v1');
    for (let looks = 0; looks < 10; looks++) {
      await story.after(6);
      const { phase, question } = await story.row();
      if (phase !== 'preparing') continue;
      expect(question).toBeNull();
      expect(await refusal(story)).toContain('the rollout asks nothing at the moment');
    }
    await story.after(2 * 3600);
    expect((await story.row()).live).toBeNull();
    expect(await story.during(story.answer('approve'))).toBe(true);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  });

  it('counts for its own attempt and image, not for the next one', async () => {
    const story = await createStory(approval);
    story.push('v1');
    const first = await asked(story);
    story.push('v2');
    await story.after(60);
    await story.during(story.abort('the other one'));
    const second = await (async () => {
      for (;;) {
        const id = await asked(story);
        if (id !== first) return id;
        await story.after(60);
      }
    })();
    expect(await refusal(story, first)).toContain(`the question has changed since; now it is:`);
    expect(await refusal(story, second)).toBe('accepted');
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });

  it('given at the very end of its time is followed or refused, and never lost', async () => {
    const story = await createStory({ service: { approval: { within: '1 hour' } } });
    story.push('v1');
    await asked(story);
    const { question } = await story.row();
    await story.after(((question?.until ?? 0) - story.time.now()) / 1000 - 1);
    const said = await refusal(story, question?.id);
    await story.rest();
    const [rollout] = await story.rollouts();
    expect(rollout?.outcome).toBe(said === 'accepted' ? 'live' : 'failed');
  });

  it('is asked for once more by no redrive and no recovery: the question stays', async () => {
    const story = await createStory(approval);
    story.push('v1');
    const id = await asked(story);
    const [name = ''] = [...story.statuses.keys()];
    story.cloud.machine.stop(name);
    story.cloud.machine.redrive(name);
    await story.after(300);
    const row = await story.row();
    // Either the attempt goes on with its question, or it was put back: never a question that nobody can answer.
    if (row.phase === 'preparing') expect(row.question?.id).toBe(id);
    else expect(row.question).toBeNull();
    await story.during(story.answer('reject'));
    await story.rest();
  });
});

describe('a decision at a weight', () => {
  const paused = {
    rpm: 600,
    service: {
      strategy: canary([50], { bake: '10 minutes', keepOldFor: '2 minutes' }),
      checks: { decisions: { worse: 'pause' as const } },
    },
  };

  it('an approval from before the evidence lets no bad version pass', async () => {
    const story = await liveStory(paused);
    story.push('v2', { errorRate: 0.5 });
    await reach(story, 'shifting');
    expect(await refusal(story)).toContain('the rollout asks nothing at the moment');
    await story.after(3600);
    expect(await story.row()).toMatchObject({ step: 1, phase: 'shifting' });
    expect((await story.row()).question?.why).toMatch(/failed|worse/);
    await story.during(story.answer('reject'));
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  });

  it('an approval of no traffic says nothing about errors that come with the traffic', async () => {
    const story = await liveStory({ ...paused, rpm: 0 });
    story.push('v2', { errorRate: 0.5 });
    await reach(story, 'shifting');
    const first = await asked(story);
    expect((await story.row()).question?.kinds).toEqual(['noTraffic']);
    // The traffic comes back in the same minutes in which the answer is given.
    story.cloud.traffic.set(story.service.rules[0] as string, 1200);
    await story.after(300);
    const { question, signals } = await story.row();
    if (question?.id === first) expect(await refusal(story, first)).toBe('accepted');
    else expect(signals).toEqual([]);
    await story.after(2 * 3600);
    const row = await story.row();
    expect(row.live?.release).toBe(releaseNamed('v1'));
    expect(row.wanted.weights).not.toEqual({ blue: 100, green: 0 });
    if (row.lock.state === 'held') await story.during(story.answer('reject'));
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  });

  it('is answered once: the second answer is refused with the reason', async () => {
    const story = await liveStory({ ...paused, rpm: 0 });
    story.push('v2');
    const id = await asked(story);
    const both = Promise.all([refusal(story, id), refusal(story, id)]);
    const said = await both;
    expect(said.filter((one) => one === 'accepted')).toHaveLength(1);
    expect(said.find((one) => one !== 'accepted')).toMatch(
      /has been answered already|asks nothing at the moment|does not hold/,
    );
    // At 100 % nobody asks for anything either, which is a question of its own.
    expect(await asked(story)).not.toBe(id);
    expect((await story.row()).step).toBe(2);
    await story.during(story.answer('approve'));
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });

  it('an incident of both versions is a question, and is never taken for a stand-still', async () => {
    const story = await liveStory({ ...paused, schedule: true, rpm: 3000 });
    story.push('v2');
    await reach(story, 'shifting');
    for (const version of ['v1', 'v2']) story.machines.describe(story.reference(version), { errorRate: 0.3 });
    await story.after(5 * 3600);
    const { question, phase } = await story.row();
    expect({ phase, kinds: question?.kinds }).toEqual({ phase: 'shifting', kinds: ['incident'] });
    for (const version of ['v1', 'v2']) story.machines.describe(story.reference(version), {});
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  });
});
