/** An image that is no good is sent back, for a reason that is said, and everything is as it was. */
import { expect, it } from 'vitest';
import { blueGreen, canary } from '../../core/index.ts';
import { createStory, fleetOf, liveStory, releaseNamed, type Story } from '../build.ts';

const backOnV1 = async (story: Story, outcome = 'failed', count = 4): Promise<void> => {
  const row = await story.row();
  expect(row.live?.release).toBe(releaseNamed('v1'));
  expect(row.lock.state).toBe('free');
  expect(story.running()).toEqual(Array(count).fill(releaseNamed('v1')));
  expect(story.weights()[row.live?.slot ?? '']).toBe(100);
  const [rollout] = await story.rollouts();
  expect(rollout?.outcome).toBe(outcome);
};

it('an image that fails 8 % of its requests is caught by its error rate and goes back', async () => {
  const story = await liveStory();
  story.push('v2', { errorRate: 0.08 });
  await story.rest();
  await backOnV1(story);
  const [rollout] = await story.rollouts();
  expect(rollout?.steps.at(-1)?.weight).toBeLessThanOrEqual(25);
  expect(rollout?.reason).toMatch(
    /failed .* of .* requests .*at most 1 % is allowed|is worse than the old version: .* answered with a 5xx/,
  );
  expect(story.statuses.get(`shop-${releaseNamed('v2')}-1`)).toBe('FAILED');
  const description = story.cloud.machine.describe(`shop-${releaseNamed('v2')}-1`);
  expect(description.error).toBe('RolloutFailed');
});

it('an image that answers twice as slowly is caught by its times and goes back', async () => {
  const story = await liveStory();
  await story.after(3600);
  story.push('v2', { latency: 200 });
  await story.rest();
  await backOnV1(story);
  const [rollout] = await story.rollouts();
  expect(rollout?.steps.at(-1)?.weight).toBeLessThanOrEqual(25);
  expect(rollout?.reason).toMatch(
    /is worse than the old version: .* answered in over \d+ ms .* old version .* in over \d+ ms/,
  );
});

it('a version whose instances are cold for two minutes at each growth goes live', async () => {
  // Four growths of twelve instances: some are new at each weight.
  const story = await liveStory({ service: { fleet: fleetOf(12) }, rpm: 6000 });
  await story.after(3600);
  story.push('v2', { cold: { times: 2, for: 120_000 } });
  await story.rest();
  const [rollout] = await story.rollouts();
  expect({ outcome: rollout?.outcome, reason: rollout?.reason }).toMatchObject({ outcome: 'live' });
  const launched = [...story.cloud.world.instances.values()].filter(
    ({ tags }) => tags['cutover:release'] === releaseNamed('v2'),
  );
  expect(new Set(launched.map(({ launchedAt }) => launchedAt)).size).toBeGreaterThan(1);
});

it('a version whose instances never get warm is caught by its times and goes back', async () => {
  const story = await liveStory({ service: { fleet: fleetOf(12) }, rpm: 6000 });
  await story.after(3600);
  story.push('v2', { cold: { times: 2, for: 7 * 24 * 3_600_000 } });
  await story.rest();
  await backOnV1(story, undefined, 12);
  expect((await story.rollouts())[0]?.reason).toMatch(/answered in over \d+ ms/);
});

it('one that is a little slower, or much faster, goes live', async () => {
  for (const latency of [104, 40]) {
    const story = await liveStory();
    await story.after(3600);
    story.push('v2', { latency });
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  }
});

it('an image whose process never becomes healthy gets no request, and what it printed is kept', async () => {
  const story = await liveStory();
  story.push('v2', { neverHealthy: true, output: 'cannot reach the database at db:5432' });
  await story.rest();
  await backOnV1(story);
  expect(story.cloud.traffic.totals().images.get(story.reference('v2'))?.requests ?? 0).toBe(0);
  const evidence = (await story.events()).filter(({ kind }) => kind === 'evidence');
  expect(evidence.length).toBeGreaterThan(0);
  expect(evidence[0]?.text).toContain('cannot reach the database at db:5432');
});

it('an image whose program ends as soon as it starts fails before its time is over', async () => {
  const story = await liveStory();
  story.push('v2', { exits: 'exited with code 1' });
  await story.rest();
  await backOnV1(story);
  const [rollout] = await story.rollouts();
  expect(rollout?.reason).toContain('exited with code 1');
  const events = await story.events();
  const at = (kind: string) => events.findLast((event) => event.kind === kind)?.at ?? 0;
  expect(at('aborted') - at('admitted')).toBeLessThan((story.service.checks.readyWithin * 1000) / 2);
});

it('an image whose programs end under traffic goes back with their exit code as the cause', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.after(400);
  const fresh = () =>
    [...story.cloud.world.instances.values()].filter(
      ({ tags, state }) => tags['cutover:release'] === releaseNamed('v2') && state === 'running',
    );
  expect(fresh().length).toBeGreaterThan(0);
  for (let round = 0; round < 40 && (await story.row()).abort === null; round++) {
    for (const { id } of fresh())
      story.cloud.world.kill(id, { code: 'Client.InstanceInitiatedShutdown', message: 'exited with code 137' });
    await story.after(15);
  }
  await story.rest();
  await backOnV1(story);
  expect((await story.rollouts())[0]?.reason).toContain('exited with code 137');
});

it('an image that boots slowly is waited for', async () => {
  const story = await liveStory();
  story.push('v2', { boot: 6 * 60_000 });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('an image that boots too slowly is not', async () => {
  const story = await liveStory();
  story.push('v2', { boot: 20 * 60_000 });
  await story.rest();
  await backOnV1(story);
  expect((await story.rollouts())[0]?.reason).toContain('not ready');
});

it('a smoke test that fails ends the rollout before any user sees it', async () => {
  const smoke = [{ path: '/health', from: 200, to: 399, within: 5 }];
  const story = await liveStory({ service: { checks: { smoke } } });
  story.push('v2', { errorRate: 1 });
  await story.rest();
  await backOnV1(story);
  expect(story.cloud.traffic.totals().images.get(story.reference('v2'))?.requests ?? 0).toBe(0);
  expect((await story.rollouts())[0]?.reason).toContain('smoke test failed');
});

it('a first rollout that fails leaves nothing behind (R10)', async () => {
  const story = await createStory();
  story.push('v1', { neverHealthy: true });
  await story.rest();
  expect((await story.row()).live).toBeNull();
  expect(story.running()).toEqual([]);
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

const short = [
  { name: 'blue/green', strategy: blueGreen({ keepOldFor: '2 minutes' }) },
  { name: 'a canary', strategy: canary([50], { bake: '1 minute', keepOldFor: '1 minute' }) },
];
for (const { name, strategy } of short)
  it(`${name} with a bake shorter than the metrics take to arrive still sees what the image does`, async () => {
    const story = await liveStory({ service: { strategy } });
    story.push('v2', { errorRate: 0.5 });
    await story.rest();
    await backOnV1(story);
  });

it('a rollout whose metrics do not arrive waits for a person', async () => {
  const story = await liveStory();
  const { slots } = story.service;
  const idle = (await story.row()).live?.slot === 'blue' ? slots.green : slots.blue;
  story.cloud.intercept(async (_service, command, input, next) => {
    const answer = await next();
    if (command !== 'GetMetricData') return answer;
    const { MetricDataQueries } = input as { MetricDataQueries: { Id: string }[] };
    const lost = MetricDataQueries.filter((query) => JSON.stringify(query).includes(idle.split(':').at(-1) ?? '')).map(
      ({ Id }) => Id,
    );
    const { MetricDataResults, ...rest } = answer as { MetricDataResults: { Id: string }[] };
    return { ...rest, MetricDataResults: MetricDataResults.filter(({ Id }) => !lost.includes(Id)) };
  });
  story.push('v2', { errorRate: 0.5 });
  await story.after(3 * 3600);
  const row = await story.row();
  expect(row).toMatchObject({ phase: 'shifting', step: 1 });
  expect((await story.events()).at(-1)?.text).toContain('no metrics of the new version');
});
