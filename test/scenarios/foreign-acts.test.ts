/** What other people do to a service's parts, in each phase of a rollout: what comes of it, and that the service rests sound afterwards. */
import { describe, expect, it } from 'vitest';
import { allAtOnce, canary } from '../../core/index.ts';
import type { Row, Slot } from '../../core/row.ts';
import { kind, liveStory, type Story, serviceOf } from '../build.ts';
import { editWeights, expectAtRest, reach } from './at-rest.ts';

/** Gets to where the act finds the rollout of v2; at rest there is none, and v1 is live. */
const phases = {
  'at rest': async (story: Story) => {
    // Until then, what a rollout restores is set again where somebody changes it.
    await story.after(600);
    return story.row();
  },
  preparing: async (story: Story) => {
    story.push('v2');
    await reach(story, 'preparing');
    // Launched, registered, and not ready yet.
    await story.after(70);
    return story.row();
  },
  'at a weight': (story: Story) => pushed(story, 'shifting'),
  'settling at 100 %': (story: Story) => pushed(story, 'settling'),
  retiring: (story: Story) => pushed(story, 'committed'),
  'rolling back': async (story: Story) => {
    await pushed(story, 'shifting');
    await story.during(story.abort('it looks wrong'));
    return story.row();
  },
} satisfies Record<string, (story: Story) => Promise<Row>>;
type Phase = keyof typeof phases;

const pushed = (story: Story, phase: Row['phase']): Promise<Row> => {
  story.push('v2');
  return reach(story, phase);
};

/** The slot that it is done to: the new fleet's; at rest the live one's. */
const slotOf = ({ plan, live }: Row): Slot => plan?.new.slot ?? live?.slot ?? 'blue';
const anInstance = (story: Story, row: Row): string => story.targets(slotOf(row))[0] ?? '';

const acts: Record<string, (story: Story, row: Row) => unknown> = {
  'weights edited': (story, { wanted }) =>
    editWeights(story, wanted.weights.blue === 50 ? { blue: 90, green: 10 } : { blue: 50, green: 50 }),
  'a target deregistered': (story, row) => {
    const { world } = story.cloud;
    const group = world.targetGroups.get(story.service.slots[slotOf(row)]);
    if (group !== undefined) world.deregister(group, anInstance(story, row));
  },
  'an instance ended': (story, row) => story.cloud.world.kill(anInstance(story, row)),
  'the rule deleted, and made again 20 minutes later': async (story) => {
    const { rules } = story.cloud.world;
    const deleted = [...rules];
    rules.clear();
    await story.after(20 * 60);
    for (const [arn, rule] of deleted) rules.set(arn, rule);
  },
  'the fleet resized': (story) => story.want(6),
  'the configuration re-applied with changes': ({ ledger, service, time }) => {
    const { strategy, checks } = serviceOf({ strategy: allAtOnce(), checks: { readyWithin: '1 minute', passes: 9 } });
    return ledger.applyConfiguration([{ ...service, strategy, checks }], {
      author: 'grace',
      commit: 'other',
      at: time.now(),
    });
  },
  'the image deleted from its registry': ({ cloud }) => cloud.world.repositories.set('acme/shop', []),
  // Pinned while a rollout runs; at rest the number is its owner's, and in a slot that goes there is nothing to keep.
  ...(kind === 'groups' && {
    'the group shrunk by hand': (story: Story, row: Row) =>
      story.cloud.setGroup(`shop-${slotOf(row)}`, { min: 0, desired: 1 }),
  }),
};
type Act = keyof typeof acts;

/** Why it aborts, and v1 goes on serving; null: it converges, as if nobody had done anything. Nothing in this table pauses. */
const abortsFor = (act: Act, phase: Phase): RegExp | null => {
  if (phase === 'rolling back') return /^it looks wrong$/;
  if (phase === 'at rest' || phase === 'retiring') return null;
  if (act.startsWith('the rule deleted')) return /names rules that do not exist/;
  // Three of the four that serve everybody are gone at once.
  return act === 'the group shrunk by hand' && phase === 'settling at 100 %' ? /healthy/ : null;
};

/** How many the service then rests at. */
const restsAt = (act: Act, phase: Phase): number =>
  act === 'the fleet resized' ? 6 : act === 'the group shrunk by hand' && phase === 'at rest' ? 1 : 4;

const service = { strategy: canary([50], { bake: '2 minutes', keepOldFor: '2 minutes' }) };

describe.each(Object.keys(acts))('%s', (act) => {
  it.each(Object.keys(phases) as Phase[])('%s', async (phase) => {
    const story = await liveStory({ schedule: true, rpm: 600, service });
    const row = await phases[phase](story);
    await acts[act]?.(story, row);
    if (act === 'the group shrunk by hand' && phase === 'at rest') story.limits?.areFound();
    await story.after(300);
    await story.rest(8);
    await story.after(600);

    const reason = abortsFor(act, phase);
    await expectAtRest(story, reason !== null || phase === 'at rest' ? 'v1' : 'v2', restsAt(act, phase));
    const [rollout] = await story.rollouts();
    expect(rollout?.outcome).toBe(reason === null ? 'live' : 'failed');
    if (reason !== null) expect(rollout?.reason).toMatch(reason);
    story.close();
  });
});

it('weights edited at rest onto the empty slot lead there no longer than until the next reconcile', async () => {
  const story = await liveStory({ schedule: true });
  const { live } = await story.row();
  editWeights(story, live?.slot === 'blue' ? { blue: 0, green: 100 } : { blue: 100, green: 0 });
  await story.after(150);
  await expectAtRest(story, 'v1');
  expect((await story.events()).map(({ text }) => text)).toContain('somebody else had edited the weights: corrected');
});
