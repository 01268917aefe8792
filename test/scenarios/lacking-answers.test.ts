/** AWS's answers with parts missing, a hundredth of them while a rollout runs: it ends live or put back, and nothing stumbles over what is not there. */
import { expect, it } from 'vitest';
import { seededRandom } from '../../core/basics/random.ts';
import { liveStory, releaseNamed, type Story } from '../build.ts';
import { lacking } from './damage.ts';

/** Each of AWS's answers lacks something with this chance. */
const often = 0.01;

/** Answers how many answers lacked something. */
const rolledOut = async (story: Story, seed: number): Promise<number> => {
  const random = seededRandom(seed);
  let hits = 0;
  story.cloud.intercept(async (service, _command, _input, next) => {
    const answer = await next();
    if (service === 'eventbridge' || random() >= often) return answer;
    hits++;
    return lacking(answer, random);
  });
  story.push('v2');
  await story.after(2 * 3600);
  story.cloud.intercept(undefined);
  await story.rest();
  return hits;
};

it.each(Array.from({ length: 25 }, (_, index) => index + 1))(
  'answers with parts missing end a rollout as live or put back (seed %i)',
  async (seed) => {
    const story = await liveStory({ schedule: true });
    expect(await rolledOut(story, seed)).toBeGreaterThan(0);
    // Missing is what it may be; of another type the SDK itself lets nothing through.
    expect(story.log.filter((line) => /TypeError|RangeError/.test(line))).toEqual([]);
    const row = await story.row();
    expect(row.lock.state).toBe('free');
    expect([releaseNamed('v1'), releaseNamed('v2')]).toContain(row.live?.release);
    expect(Object.values(story.weights()).toSorted()).toEqual([0, 100]);
    story.close();
  },
);
