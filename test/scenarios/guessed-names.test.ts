/** Somebody starts executions beforehand, under the names that Cutover would use next: they hold nothing up. */
import { expect, it } from 'vitest';
import { createStory, digestOf, liveStory, releaseNamed, type Story } from '../build.ts';
import { expectAtRest, reach, until } from './at-rest.ts';

const start = ({ cloud }: Story, name: string, input: object): void => {
  cloud.machine.start({ name, input: JSON.stringify(input) });
};

it.each(['with their input', 'with another'])(
  'a rollout that is stopped is recovered within minutes, whoever took the next names (%s)',
  async (way) => {
    const story = await liveStory({ schedule: true });
    story.push('v2');
    const { token } = await reach(story, 'shifting');
    const release = releaseNamed('v2');
    const input = { service: way === 'with another' ? 'cart' : 'shop', release, attempt: 1 };
    for (const next of [token, token + 1, token + 2])
      for (let n = 1; n <= 5; n++) start(story, `recover-shop-${next}-${n}`, { ...input, token: next });
    start(story, `continue-shop-${token}`, input);
    await story.after(60);
    story.cloud.machine.stop(`shop-${release}-1`);
    await story.after(5 * 60);
    expect((await story.row()).phase).toMatch(/rollingBack|free/);
    await story.rest();
    await expectAtRest(story, 'v1');
    expect((await story.events()).some(({ kind }) => kind === 'stuck')).toBe(false);
    story.close();
  },
);

it('a release goes live though somebody has started executions under all of its next names', async () => {
  const story = await createStory({ schedule: true });
  const release = digestOf('v1').slice(7, 19);
  for (let attempt = 1; attempt <= 50; attempt++)
    start(story, `shop-${release}-${attempt}`, { service: 'cart', release, attempt });
  await story.after(60);
  story.push('v1');
  await until(story, 'admitted', ({ lock }) => lock.state === 'held');
  await story.rest();
  await expectAtRest(story, 'v1');
  expect((await story.rollouts())[0]).toMatchObject({ outcome: 'live', attempt: 1 });
  story.close();
});

it('an execution of another rollout that is called like a recovery keeps none from starting', async () => {
  const story = await liveStory({ schedule: true });
  story.push('v2');
  const { token } = await reach(story, 'shifting');
  const release = releaseNamed('v2');
  // It would run on for as long as somebody else's rollout does.
  const { executions } = story.ports();
  story.cloud.intercept((service, command, _input, next) =>
    service === 'sfn' && command === 'ListExecutions'
      ? Promise.resolve({ executions: [{ name: `recover-shop-${token}-9` }, { name: `recover-shop-${token}-1` }] })
      : next(),
  );
  expect(await story.during(executions.recoveries('shop'))).toHaveLength(2);
  story.cloud.machine.stop(`shop-${release}-1`);
  await story.rest();
  await expectAtRest(story, 'v1');
  story.close();
});
