/** What becomes of a rollout by the figures of both versions, and where there are none. */
import { expect, it } from 'vitest';
import { createStory, liveStory, releaseNamed, type Story } from '../build.ts';

const texts = async (story: Story, kind: string): Promise<string[]> =>
  (await story.events()).filter((event) => event.kind === kind).map(({ text }) => text);

const step = { steps: [5, 100].map((weight) => ({ weight, bake: '5 minutes' })) };

it('a version that never answers some requests goes back, though no target counts them', async () => {
  const story = await liveStory({ rpm: 4000 });
  story.push('v2', { hangRate: 0.05 });
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout).toMatchObject({ release: releaseNamed('v2'), outcome: 'failed' });
  expect(rollout?.reason).toContain('were answered by the load balancer, because the version gave no answer');
});

it('each weight says what can be seen at it', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.rest();
  const seen = (await texts(story, 'shifted')).filter((text) => text.includes(releaseNamed('v2')));
  expect(seen[0]).toMatch(
    /^5 % of the traffic to \w+; at [\d,]+ requests a minute this step detects a 5 % error rate in /,
  );
  expect(seen.at(-1)).toBe(`100 % of the traffic to ${releaseNamed('v2')}`);
});

it('a version that nobody asks for anything waits for a person', async () => {
  const story = await liveStory({ rpm: 0, service: { strategy: step } });
  story.push('v2');
  await story.after(60 * 60);
  expect((await story.row()).step).toBe(1);
  expect(await texts(story, 'judged')).toContainEqual(expect.stringMatching(/^no traffic: .* got no request at 5 %/));
  for (const weight of [5, 100]) {
    expect(await story.during(story.answer('approve'))).toBe(true);
    await story.after(60 * 60);
    if (weight === 5) expect((await story.row()).step).toBe(2);
  }
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('and goes on where its service says so', async () => {
  const decisions = { noTraffic: 'advance' };
  const story = await liveStory({ rpm: 0, service: { strategy: step, checks: { decisions } } });
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('a source of figures that is down holds the weight, says why, and a person goes on', async () => {
  const prometheus = {
    kind: 'prometheus',
    url: 'http://prometheus.internal:9090',
    requests: 'sum(increase(requests_total{slot="$slot"}[$period]))',
    errors: 'sum(increase(errors_total{slot="$slot"}[$period]))',
  };
  const story = await createStory({ service: { strategy: step, metrics: prometheus } });
  story.push('v1');
  await story.after(60 * 60);
  expect((await story.row()).lock.state).toBe('held');
  const reason =
    /^Prometheus at http:\/\/prometheus.internal:9090, asked for \w+ of \w+, does not answer: fetch failed/;
  expect(await texts(story, 'judged')).toContainEqual(expect.stringMatching(reason));
  await story.during(story.answer('approve'));
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});
