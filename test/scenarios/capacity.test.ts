/** Instances that die, zones without capacity, fleets of 1 and of 400, demand that doubles. */
import { expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { fleetOf, liveStory, releaseNamed, type Story } from '../build.ts';

const instancesOf = (story: Story, version: string) =>
  [...story.cloud.world.instances.values()].filter(
    ({ tags, state }) => tags['cutover:release'] === releaseNamed(version) && state === 'running',
  );

it('an instance that dies in the middle of a bake is replaced, and the rollout goes on', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.after(10 * 60);
  expect((await story.row()).step).toBe(2);
  story.cloud.world.kill(instancesOf(story, 'v2')[0]?.id as string);
  await story.rest();
  const [rollout] = await story.rollouts();
  const at = [...(rollout?.steps.map((step) => step.at) ?? []), rollout?.endedAt ?? 0];
  story.service.strategy.steps.forEach(({ bake }, index) => {
    expect((at[index + 1] as number) - (at[index] as number)).toBeGreaterThanOrEqual(bake * 1000);
  });
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
});

it('an instance that dies late in the last bake is replaced before the old fleet goes', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.after(31 * 60);
  expect((await story.row()).phase).toBe('settling');
  story.cloud.world.kill(instancesOf(story, 'v2')[0]?.id as string);
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
  const [name] = [...story.statuses.keys()].slice(-1);
  expect(story.cloud.machine.history(name as string).length).toBeLessThan(1000);
});

it('an image whose instances die one after the other goes back', async () => {
  const story = await liveStory();
  story.push('v2', { diesAfter: 8 * 60_000 });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect((await story.rollouts())[0]?.outcome).toBe('failed');
});

it('a zone without capacity is reported, and holds up no fleet that is complete elsewhere', async () => {
  const story = await liveStory();
  story.cloud.world.capacity.set(
    'eu-west-1b',
    instancesOf(story, 'v1').filter(({ subnet }) => subnet.zone === 'eu-west-1b').length,
  );
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(instancesOf(story, 'v2').filter(({ subnet }) => subnet.zone === 'eu-west-1b')).toEqual([]);
  expect((await story.events()).some(({ kind, text }) => kind === 'problem' && text.includes('eu-west-1b'))).toBe(true);
});

it('no capacity at all ends the rollout with the words that EC2 gave', async () => {
  const story = await liveStory();
  for (const zone of ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'])
    story.cloud.world.capacity.set(
      zone,
      instancesOf(story, 'v1').filter((instance) => instance.subnet.zone === zone).length,
    );
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect((await story.rollouts())[0]?.reason).toContain('capacity');
});

for (const count of [1, 40, 400])
  it(`a fleet of ${count} rolls without a failed request`, async () => {
    const story = await liveStory({ service: { fleet: fleetOf(count) } });
    const before = story.cloud.traffic.totals().failed;
    story.push('v2');
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    expect(story.running()).toHaveLength(count);
    expect(story.cloud.traffic.totals().failed - before).toBe(0);
  });

for (const [when, minutes] of [
  ['at the first weights', 9],
  ['in the last bake', 31],
] as const)
  it(`a demand that doubles ${when} is followed by the new fleet`, async () => {
    const story = await liveStory({ service: { strategy: canary([5, 25, 50], { bake: '5 minutes' }) } });
    story.push('v2');
    await story.after(minutes * 60);
    expect((await story.row()).phase).toBe(minutes > 20 ? 'settling' : 'shifting');
    await story.want(8);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    expect(instancesOf(story, 'v2')).toHaveLength(8);
  });

it('the old fleet is kept at its number while the new one is judged', async () => {
  const story = await liveStory();
  story.push('v2');
  await story.after(5 * 60);
  expect((await story.row()).step).toBe(1);
  for (const { id } of instancesOf(story, 'v1').slice(0, 3)) story.cloud.world.kill(id);
  await story.after(4 * 60);
  expect(instancesOf(story, 'v1')).toHaveLength(4);
  await story.rest();
  expect(new Set(story.running()).size).toBe(1);
  expect(story.running()).toHaveLength(4);
});

it('an old fleet that has lost an instance is asked to grow when traffic comes back to it (R3)', async () => {
  const story = await liveStory({ service: { checks: { alarms: ['shop-5xx'] } } });
  story.cloud.setAlarm('shop-5xx', 'OK', 'quiet');
  story.push('v2');
  await story.after(10 * 60);
  for (const { id } of instancesOf(story, 'v1').slice(0, 1)) story.cloud.world.kill(id);
  await story.after(60);
  await story.during(story.abort('both are bad'));
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(instancesOf(story, 'v1')).toHaveLength(4);
});
