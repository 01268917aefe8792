/** A base image that a launch template names by an alias: all of a release is launched from what it stands for at admission. */
import { expect, it } from 'vitest';
import { canary } from '../../core/index.ts';
import { createStory, releaseNamed, type Story } from '../build.ts';

const service = { strategy: canary([50], { bake: '10 minutes', keepOldFor: '5 minutes' }), growth: 'withWeight' };
const alias = '/base/ami';
const base = (number: number) => `ami-00000000000000ba${number}`;

/** The alias stands for another base image from now on. */
const renew = ({ cloud }: Story, number: number): void => {
  cloud.makeAmi({ id: base(number), name: `base-${number}` });
  cloud.putParameter(alias, base(number));
};

const aliased = ({ cloud }: Story): void => {
  for (const { versions } of cloud.world.templates.values())
    for (const version of versions) version.ami = `resolve:ssm:${alias}`;
};

const amisOf = ({ cloud }: Story, version: string): string[] => [
  ...new Set(
    [...cloud.world.instances.values()]
      .filter(({ tags }) => tags['cutover:release'] === releaseNamed(version))
      .map(({ ami }) => ami),
  ),
];

it('a release is launched from one base image, whatever an alias stands for meanwhile', async () => {
  const story = await createStory({ service });
  renew(story, 1);
  aliased(story);
  story.push('v1');
  await story.after(12 * 60);
  renew(story, 2);
  await story.rest();
  const { live } = await story.row();
  expect(live).toMatchObject({ release: releaseNamed('v1'), template: { image: base(1) } });
  const [lost = ''] = story.targets(live?.slot ?? 'blue');
  story.cloud.world.kill(lost);
  await story.after(180);
  await story.during(story.cloud.invoke('reconcile', {}));
  await story.after(300);
  expect(amisOf(story, 'v1')).toEqual([base(1)]);
  expect(story.running()).toHaveLength(4);

  story.push('v2');
  await story.rest();
  expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
  expect(amisOf(story, 'v2')).toEqual([base(2)]);
});

it('an alias that stands for no AMI is refused at admission, with what to do', async () => {
  const story = await createStory({ service });
  aliased(story);
  story.push('v1');
  await story.rest();
  const [rollout] = await story.rollouts();
  expect(rollout).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('which stands for no AMI') });
});
