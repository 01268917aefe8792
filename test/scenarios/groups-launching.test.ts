/** Groups that cannot launch what is asked of them, or end it again before it has booted: told in the words of their own activities. */
import { expect, it } from 'vitest';
import { createStory, liveStory, releaseNamed, type Story, type StoryOptions } from '../build.ts';

const settled = async (options: StoryOptions = {}): Promise<Story> => {
  const story = await liveStory(options);
  await story.after(600);
  return story;
};
const reasonOf = async (story: Story): Promise<string> => (await story.rollouts())[0]?.reason ?? '';

it('a group that finds no capacity anywhere says so, and traffic stays where it is', async () => {
  const story = await settled();
  for (const { zone } of story.cloud.world.subnets.values()) story.cloud.world.capacity.set(zone, 0);
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  expect(await reasonOf(story)).toContain('We currently do not have sufficient m7g.large capacity');
  expect(story.weights()).toEqual({ blue: 0, green: 100 });
});

it('a group whose Launch process AWS has suspended is refused before anything is touched', async () => {
  const story = await settled();
  story.cloud.changeGroup('shop-blue', { suspended: new Set(['Launch']) });
  story.limits?.areFound();
  story.push('v2');
  await story.rest();
  expect((await story.rollouts())[0]?.outcome).toBe('refused');
  expect(await reasonOf(story)).toContain('shop-blue has suspended Launch: find out why');
});

it('a group whose Launch is suspended in the middle holds nothing up for ever', async () => {
  const story = await settled();
  story.push('v2');
  await story.after(150);
  story.cloud.changeGroup('shop-blue', { suspended: new Set(['Launch', 'ScheduledActions']) });
  story.cloud.world.kill([...(story.cloud.world.autoScalingGroups.get('shop-blue')?.members.keys() ?? [])][0] ?? '');
  await story.after(60 * 60);
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
  // What AWS has suspended is a person's matter.
  expect(story.limits?.now().blue.suspended).toEqual(['Launch']);
  story.cloud.changeGroup('shop-blue', { suspended: new Set() });
  await story.rest();
  expect(story.running()).toEqual(Array(4).fill(releaseNamed('v1')));
});

it('a health check that ends what still boots is told of as what it is', async () => {
  const story = await settled({ setUp: { groups: { grace: 10 }, healthCheck: { interval: 10, unhealthy: 2 } } });
  story.push('v2');
  await story.rest();
  story.push('v3', { boot: 8 * 60_000 });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(await reasonOf(story)).toContain('in response to an ELB system health check failure');
  expect(await reasonOf(story)).toContain('a health check grace period of 10 s, which is too short');
});

it('a slow boot within the grace period goes live', async () => {
  const story = await settled({ setUp: { groups: { grace: 600 } } });
  story.push('v2', { boot: 6 * 60_000 });
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
});

it('a group whose image does not exist is refused it for good, and the reason says which image', async () => {
  const arn = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop';
  const story = await createStory({ service: { image: { kind: 'imageBuilder', arn } } });
  story.cloud.build({ arn: `${arn}/2.0.0/1`, ami: 'ami-0bbbbbbbbbbbbbbbb' });
  story.cloud.world.amis.delete('ami-0bbbbbbbbbbbbbbbb');
  await story.rest();
  expect((await story.row()).live).toBe(null);
  expect((await story.rollouts()).map(({ outcome }) => outcome)).toEqual(['failed']);
  expect(await reasonOf(story)).toContain("The image id '[ami-0bbbbbbbbbbbbbbbb]' does not exist");
  expect(await reasonOf(story)).not.toContain('it is tried again');
});
