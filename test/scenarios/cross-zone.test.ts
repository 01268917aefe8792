/** load_balancing.cross_zone.enabled = false on both target groups: a node of a zone reaches targets of its own zone only. */
import { expect, it } from 'vitest';
import { examine } from '../../pipeline/operations/doctor/doctor.ts';
import { fleetOf, liveStory } from '../build.ts';

it('no weight leaves a zone without targets, or preflight refuses the rollout', async () => {
  const story = await liveStory({ service: { fleet: fleetOf(12), growth: 'withWeight' } });
  story.cloud.intercept(async (_service, command, _input, next) => {
    const answer = (await next()) as { Attributes?: object[] };
    if (command === 'DescribeTargetGroupAttributes')
      answer.Attributes?.push({ Key: 'load_balancing.cross_zone.enabled', Value: 'false' });
    return answer;
  });
  const said = (await story.during(examine(story.ports(), await story.row(), story.service, null))).some(
    ({ problem }) => /zone/.test(problem),
  );
  story.push('v2');
  let bare = '';
  for (let looks = 0; looks < 60 && bare === ''; looks++) {
    await story.after(15);
    const slot = (await story.row()).plan?.new.slot;
    const group = story.cloud.world.targetGroups.get(story.service.slots[slot ?? 'blue']);
    if (slot === undefined || group === undefined || (story.weights()[slot] ?? 0) === 0) continue;
    const targets = [...story.cloud.world.targetsNow(group).values()].filter(({ state }) => state === 'healthy');
    const zones = new Set(targets.map(({ instance }) => instance.subnet.zone));
    if (zones.size < 3) bare = `${story.weights()[slot]} % with healthy targets in ${[...zones].join(', ')} only`;
  }
  expect(said ? '' : bare).toBe('');
});
