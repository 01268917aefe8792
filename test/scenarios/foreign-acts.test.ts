/** What other people do to a service's parts, wherever a rollout is: what comes of it, what users notice, and that the service rests sound afterwards. */
import { describe, expect, it } from 'vitest';
import type { Slot, Weights } from '../../core/basics/slot.ts';
import { allAtOnce, canary } from '../../core/index.ts';
import type { Row } from '../../core/protocol/row.ts';
import { routing } from '../../local/simulated/target-health.ts';
import { kind, liveStory, type Story, serviceOf, written } from '../build.ts';
import { editWeights, expectAtRest } from './at-rest.ts';
import { alarm, goOnFromPause, type MomentName, momentNames, moments, said } from './moments.ts';

const [first = ''] = written().rules as string[];
const second = first.replace(/[^/]+$/, '0second000000000');

/** How it ends, of which release the fleet is that serves then, and of how many. */
interface End {
  outcome: 'live' | 'failed' | 'refused';
  serves: 'v1' | 'v2';
  because?: RegExp;
  count?: number;
  /** Not without a person. */
  pauses?: true;
}

const converges: End = { outcome: 'live', serves: 'v2' };
const pauses: End = { ...converges, pauses: true };
const aborts = (because: RegExp): End => ({ outcome: 'failed', serves: 'v1', because });

/** As if nobody had done anything. */
const undisturbed: Partial<Record<MomentName, End>> = {
  'at rest': { outcome: 'live', serves: 'v1' },
  'rolling back': aborts(/^it looks wrong$/),
};

interface Act {
  does: (story: Story, row: Row) => unknown;
  /** Where it is not as if nobody had done anything. */
  ends?: Partial<Record<MomentName, End>>;
  /** Requests that may fail; none, unless told. There are 1200 a minute. */
  failing?: number;
  /** Seconds for which traffic may be where three quarters of what it needs are not. */
  short?: number;
}

const newSlot = ({ plan, live }: Row): Slot => plan?.new.slot ?? live?.slot ?? 'blue';
const oldSlot = ({ plan, live }: Row): Slot => plan?.old.slot ?? live?.slot ?? 'blue';

const deregister = (story: Story, slot: Slot): void => {
  const { world } = story.cloud;
  const group = world.targetGroups.get(story.service.slots[slot]);
  if (group !== undefined) world.deregister(group, story.targets(slot)[0] ?? '');
};
const end = (story: Story, slot: Slot): void => story.cloud.world.kill(story.targets(slot)[0] ?? '');
const shrink = (story: Story, slot: Slot): void => {
  story.cloud.setGroup(`shop-${slot}`, { min: 0, desired: 1 });
};
const foreign = ({ wanted }: Row): Weights =>
  wanted.weights.blue === 50 ? { blue: 90, green: 10 } : { blue: 50, green: 50 };

/** Until the next reconcile, half of it goes to nobody where there is only one fleet. */
const edited = { failing: 1500, short: 130 };
/** A quarter of it until two health checks have failed. */
const ended = { failing: 500 };
/** The number is its owner's while nothing runs; else it is found at the next look, every quarter of an hour where people are waited for, and instances boot. */
const shrunk = { short: 1200 };
const owners: Partial<Record<MomentName, End>> = {
  'at rest': { outcome: 'live', serves: 'v1', count: 1 },
  reserved: { ...converges, count: 1 },
};
const goneRule = aborts(/names rules that do not exist|RuleNotFound/);

const acts: Record<string, Act> = {
  'weights edited': { does: (story, row) => editWeights(story, foreign(row)), ...edited },
  'weights of one rule of two edited': {
    does: (story, row) => editWeights({ ...story, service: { ...story.service, rules: [second] } }, foreign(row)),
    ...edited,
  },
  'a target deregistered': { does: (story, row) => deregister(story, newSlot(row)) },
  'a target of the old fleet deregistered': { does: (story, row) => deregister(story, oldSlot(row)) },
  'an instance ended': { does: (story, row) => end(story, newSlot(row)), ...ended },
  'an instance of the old fleet ended': { does: (story, row) => end(story, oldSlot(row)), ...ended },
  'the rules deleted, and made again 20 minutes later': {
    does: async (story) => {
      const { rules } = story.cloud.world;
      const deleted = [...rules];
      rules.clear();
      await story.after(20 * 60);
      for (const [arn, rule] of deleted) rules.set(arn, rule);
    },
    // Nobody looks at rules while a person is asked, nor before anything is admitted; what is committed waits for them.
    ends: { preparing: goneRule, 'at a weight': goneRule, paused: goneRule, 'settling at 100 %': goneRule },
    failing: Number.POSITIVE_INFINITY,
  },
  'one rule of two deleted, and made again 20 minutes later': {
    does: async (story) => {
      const { rules } = story.cloud.world;
      const deleted = rules.get(second);
      rules.delete(second);
      await story.after(20 * 60);
      if (deleted !== undefined) rules.set(second, deleted);
    },
    ends: { preparing: goneRule, 'at a weight': goneRule, paused: goneRule, 'settling at 100 %': goneRule },
    // Its own, and nobody's else.
    failing: 12_800,
  },
  'the fleet resized': {
    does: (story) => story.want(6),
    ends: Object.fromEntries(momentNames.map((name) => [name, { ...(undisturbed[name] ?? converges), count: 6 }])),
  },
  'the configuration re-applied with changes': {
    does: ({ ledger, service, time }) => {
      const { strategy, checks } = serviceOf({
        strategy: allAtOnce(),
        checks: { readyWithin: '10 seconds', passes: 9 },
      });
      return ledger.applyConfiguration([{ ...service, strategy, checks }], {
        author: 'grace',
        commit: 'other',
        at: time.now(),
      });
    },
    // Only what is not admitted yet is told by them.
    ends: { reserved: aborts(/^not ready: .* 10 s were allowed/) },
  },
  'the image deleted from its registry': {
    does: ({ cloud }) => cloud.world.repositories.set('acme/shop', []),
    ends: { reserved: { outcome: 'refused', serves: 'v1', because: /^vanished/ } },
  },
  'its alarm deleted': {
    does: ({ cloud }) => cloud.world.alarms.delete(alarm),
    ends: {
      reserved: { outcome: 'refused', serves: 'v1', because: /alarm/ },
      preparing: pauses,
      'waiting for approval': pauses,
      'at a weight': pauses,
      'settling at 100 %': pauses,
    },
  },
  ...(kind === 'groups' && {
    'the group shrunk by hand': {
      does: (story, row) => shrink(story, newSlot(row)),
      // Three of the four that serve everybody are gone at once.
      ends: { ...owners, 'settling at 100 %': aborts(/healthy/) },
      ...shrunk,
    },
    'the old group shrunk by hand': {
      does: (story, row) => shrink(story, oldSlot(row)),
      // Nobody is sent back to what does not carry them.
      ends: { ...owners, 'rolling back': { ...aborts(/^it looks wrong$/), serves: 'v2' } },
      ...shrunk,
    },
  }),
};

/** Whether all traffic is where three quarters of the instances are that it needs. */
const carried = ({ cloud: { world }, service, time }: Story): boolean =>
  service.rules.every((rule) =>
    world.effectiveWeights(rule, time.now()).every(({ targetGroup, weight }) => {
      const group = world.targetGroups.get(targetGroup);
      return weight === 0 || (group !== undefined && routing(group, time.now()).targets * 100 >= 3 * weight);
    }),
  );

/** Seconds of an hour and more for which it was not. */
const shortfall = async (story: Story, seconds: number): Promise<number> => {
  let short = 0;
  for (let at = 0; at < seconds; at += 10) {
    await story.after(10);
    if (!carried(story)) short += 10;
  }
  return short;
};

const service = {
  rules: [first, second],
  strategy: canary([50], { bake: '2 minutes', keepOldFor: '2 minutes' }),
  checks: { alarms: [alarm] },
};

describe.each(Object.entries(acts))('%s', (_act, { does, ends = {}, failing = 0, short = 0 }) => {
  it.each(momentNames)('%s', async (name) => {
    const { outcome, serves, because, count = 4, ...expected } = ends[name] ?? undisturbed[name] ?? converges;
    const story = await liveStory({ schedule: true, rpm: 600, service });
    story.cloud.traffic.set(second, 600);
    const row = await moments[name].reach(story);
    const before = story.cloud.traffic.totals().failed;
    await does(story, row);
    // At rest the number is its owner's.
    if (count === 1) story.limits?.areFound();
    let lacked = await shortfall(story, 300);
    await moments[name].goOn?.(story);
    if (expected.pauses) {
      await said(story, 'judged', 'pause');
      await story.after(1800);
      expect((await story.row()).lock.state).toBe('held');
      await goOnFromPause(story);
    }
    lacked += await shortfall(story, 1800);
    await story.rest(8);
    await story.after(600);

    await expectAtRest(story, serves, count);
    for (const rule of story.service.rules)
      expect(story.cloud.world.effectiveWeights(rule, story.time.now()).map(({ weight }) => weight)).toContain(100);
    const [rollout] = await story.rollouts();
    expect(rollout?.outcome).toBe(outcome);
    if (because !== undefined) expect(rollout?.reason).toMatch(because);
    if (count !== 1) expect(lacked).toBeLessThanOrEqual(short);
    expect(story.cloud.traffic.totals().failed - before).toBeLessThanOrEqual(failing);
    story.close();
  });
});

it('weights edited at rest onto the empty slot are put back by the next reconcile', async () => {
  const story = await liveStory({ schedule: true });
  const { live } = await story.row();
  editWeights(story, live?.slot === 'blue' ? { blue: 0, green: 100 } : { blue: 100, green: 0 });
  await story.after(150);
  await expectAtRest(story, 'v1');
  expect((await story.events()).map(({ text }) => text)).toContain(
    'the weights had been edited from outside; they were corrected',
  );
});

it('after one of two rules is deleted, the other leads back at once; the end waits for both', async () => {
  const story = await liveStory({ schedule: true, service });
  const { plan } = await moments['at a weight'].reach(story);
  const { rules } = story.cloud.world;
  const deleted = rules.get(second);
  rules.delete(second);
  await story.after(300);
  expect(story.weights()[plan?.old.slot ?? '']).toBe(100);
  expect((await story.row()).phase).toBe('rollingBack');
  if (deleted !== undefined) rules.set(second, deleted);
  await story.rest();
  await expectAtRest(story, 'v1');
});
