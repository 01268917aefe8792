/** Launch template versions of old releases are deleted; what anybody else made, or launches from, stays. */
import { expect, it } from 'vitest';
import { firstVersion } from '../../local/simulated/launch-templates.ts';
import { liveStory, releaseNamed, type Story } from '../build.ts';

const templateOf = (story: Story) => {
  const [template] = story.cloud.world.templates.values();
  if (template === undefined) throw new Error('there is no template');
  return template;
};
const left = (story: Story): string[] =>
  templateOf(story).versions.flatMap(({ deleted, description }) => (deleted ? [] : [description ?? 'the first']));

/** A version with such a description, as it would have been made; answers its number. */
const made = (story: Story, description: string): number =>
  templateOf(story).versions.push({ ...firstVersion('ami-0a1b2c3d4e5f60718'), description });

const old = (number: number): string => `cutover: shop-${String(number).padStart(12, 'a')}-1`;

it('the newest ten of a service are kept after a rollout, and the rest deleted', async () => {
  const story = await liveStory({ schedule: true });
  for (let number = 1; number <= 12; number++) made(story, old(number));
  const others = ['cutover: shop-api-aaaaaaaaaaaa-1', 'by hand', 'cutover: shopping-aaaaaaaaaaaa-1', 'cutover: shop-'];
  for (const description of others) made(story, description);
  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  await story.after(15 * 60);
  const ours = left(story).filter((description) => /^cutover: shop-[^-]+-\d+$/.test(description));
  const newest = Array.from({ length: 9 }, (_, index) => old(index + 4));
  expect(ours).toEqual([...newest, `cutover: shop-${releaseNamed('v2')}-1`]);
  expect(left(story)).toEqual(expect.arrayContaining(['the first', ...others]));
  // And the slot takes the release after the next.
  for (const version of ['v3', 'v4']) {
    story.push(version);
    await story.after(180);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed(version));
  }
  story.close();
});

it('one that is the default, or that another group launches from, stays', async () => {
  const story = await liveStory({ schedule: true });
  const [isDefault = 0, isUsed = 0] = [old(1), old(2)].map((description) => made(story, description));
  for (let number = 3; number <= 14; number++) made(story, old(number));
  const template = templateOf(story);
  template.defaultVersion = isDefault;
  const group = story.cloud.world.autoScalingGroups.get('shop-blue');
  if (group === undefined) throw new Error('there is no group');
  story.cloud.world.autoScalingGroups.set('batch', {
    ...group,
    name: 'batch',
    template: { ...group.template, version: String(isUsed) },
  });
  story.push('v2');
  await story.rest();
  await story.after(15 * 60);
  expect(left(story)).toEqual(expect.arrayContaining([old(1), old(2), old(14)]));
  expect(left(story)).not.toContain(old(3));
  story.close();
});
