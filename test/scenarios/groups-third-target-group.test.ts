/** A group that also stands in a target group that is no slot: its new instances get that group's users before any check. groups only. */
import { expect, it } from 'vitest';
import { accountProblems } from '../../pipeline/operations/doctor/doctor.ts';
import { kind, liveStory, releaseNamed } from '../build.ts';

it.runIf(kind === 'groups')(
  'a group that stands in a third target group is refused before anything is launched',
  async () => {
    const story = await liveStory();
    const { world } = story.cloud;
    const { blue, green } = story.service.slots;
    const like = world.targetGroups.get(blue);
    if (like === undefined) throw new Error('no slot');
    const internal = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-internal/aaaaaaaaaaaaaaaa';
    // Named by a rule of another load balancer, hence 1.
    world.targetGroups.set(internal, {
      ...like,
      arn: internal,
      targets: new Map(),
      counts: new Map(),
      namedBy: 1,
      routing: undefined,
    });
    story.cloud.changeGroup('shop-blue', { targetGroups: [blue, internal] });
    story.cloud.changeGroup('shop-green', { targetGroups: [green, internal] });
    expect.soft(await story.during(accountProblems(story.ports(), await story.row(), story.service))).not.toEqual([]);
    story.push('v2');
    await story.after(30);
    const there = [...world.targetsNow(world.targetGroups.get(internal) as never).keys()].filter(
      (id) => world.instances.get(id)?.tags['cutover:release'] === releaseNamed('v2'),
    );
    expect.soft((await story.row()).phase).toBe('free');
    expect(there).toEqual([]);
  },
);
