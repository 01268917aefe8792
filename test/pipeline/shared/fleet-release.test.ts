/** What a fleet is launched from: by the plan while a rollout runs, by the row at rest. */
import { expect, it } from 'vitest';
import { releaseOfLive, releaseOfPlan } from '../../../pipeline/shared/fleet-release.ts';
import { live, plan, publication, service, start } from '../../core/build.ts';

it('a rollout launches its image into the new slot, and counts failures since its admission', () => {
  const admitted = plan();
  expect(releaseOfPlan(admitted)).toEqual({
    service: 'checkout',
    release: publication('b').release,
    image: publication('b').image,
    attempt: 1,
    template: admitted.template,
    fleet: service().fleet,
    targetGroup: service().slots.green,
    from: service(),
    since: start,
  });
});

it('a live fleet is filled up with its own image, and counts failures since it went live', () => {
  expect(releaseOfLive(live('a', { attempt: 3, since: start + 1 }), service())).toEqual({
    service: 'checkout',
    release: live('a').release,
    image: live('a').image,
    attempt: 3,
    template: null,
    fleet: service().fleet,
    targetGroup: service().slots.blue,
    from: null,
    since: start + 1,
  });
});
