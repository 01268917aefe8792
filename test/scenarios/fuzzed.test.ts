/** Events and execution inputs with parts missing or changed, wherever a rollout is: an error that names the thing, or a refusal; never a row that stays held. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/basics/random.ts';
import { otherSlot } from '../../core/basics/slot.ts';
import { canary } from '../../core/index.ts';
import type { Row } from '../../core/protocol/row.ts';
import { digestOf, liveStory, releaseNamed, type Story } from '../build.ts';
import { expectAtRest } from './at-rest.ts';
import { damaged, pick, type Random } from './damage.ts';
import { alarm, momentNames, moments } from './moments.ts';

/** What the machine knows, and what a person reads: never a slip of the code's own. */
const named = /^(Transient|Rejected|StaleToken|RolloutFailed)$/;
const slip = /TypeError|RangeError|Cannot (read|convert)|is not (a function|iterable)|\[object Object\]/;

const imageEvents = (digest: string): object[] => [
  {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'acme/shop',
      'image-digest': digest,
      'image-tag': 'v2',
    },
  },
  {
    source: 'aws.ec2',
    'detail-type': 'EC2 AMI State Change',
    detail: { ImageId: 'ami-0123456789abcdef0', State: 'available' },
  },
  { source: 'aws.ssm', 'detail-type': 'Parameter Store Change', detail: { name: '/shop/ami', operation: 'Update' } },
  {
    source: 'aws.imagebuilder',
    'detail-type': 'EC2 Image Builder Image State Change',
    resources: ['arn:aws:imagebuilder:eu-west-1:111122223333:image/shop/1.0.0/1'],
    detail: { 'previous-state': { status: 'TESTING' }, state: { status: 'AVAILABLE' } },
  },
];

/** Whatever the row speaks of is named by it. */
const eventsAbout = (story: Story, { lock, plan, live, token }: Row, random: Random): Record<string, object[]> => {
  const { release, attempt } = plan ?? live ?? { release: 'x', attempt: 1 };
  const holder = lock.state === 'held' ? lock.execution : `shop-${release}-${attempt}`;
  const slot = plan?.new.slot ?? live?.slot ?? 'blue';
  const instance = [...story.targets(slot), ...story.targets(otherSlot(slot))][0] ?? 'i-1';
  const stopped = (name: string, input: unknown) => ({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { name, executionArn: `arn:x:${name}`, status: 'ABORTED', input: JSON.stringify(input) },
  });
  return {
    'on-image': imageEvents(digestOf('v2')),
    'on-alarm': [{ detail: { alarmName: alarm, state: { value: 'ALARM' } } }],
    'on-interruption': [{ detail: { 'instance-id': instance, 'instance-action': 'terminate' } }],
    'on-stopped': [
      stopped(holder, { service: 'shop', release, attempt }),
      stopped(holder, { service: 'shop', release, attempt, token }),
      stopped(holder, damaged({ service: 'shop', release, attempt, token }, random)),
      stopped(`recover-shop-${token}-1`, { service: 'shop', release, attempt, token }),
    ],
    reconcile: [{ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }],
  };
};

const sendDamaged = async (story: Story, random: Random, runs: number): Promise<void> => {
  for (const [name, samples] of Object.entries(eventsAbout(story, await story.row(), random)))
    for (let run = 0; run < runs; run++) {
      const event = damaged(pick(random, samples), random);
      const failure = await story.during(
        story.cloud.invoke(name, event).then(
          () => null,
          (error: Error) => error,
        ),
      );
      if (failure === null) continue;
      expect({ event, failure: failure.name, said: failure.message }).toMatchObject({
        failure: expect.stringMatching(named),
        said: expect.stringMatching(new RegExp(`${name} cannot read its input: |shop|instance IDs`)),
      });
    }
};

/** Under names of a person's, and of those that the machine's own executions have. */
const startDamaged = async (story: Story, random: Random, runs: number): Promise<string[]> => {
  const { token } = await story.row();
  const started: string[] = [];
  for (let run = 0; run < runs; run++) {
    const release = releaseNamed(pick(random, ['v1', 'v2']));
    const name = pick(random, [
      `by-hand-${run}`,
      `shop-${release}-${run + 2}`,
      `recover-shop-${token}-${run + 1}`,
      `continue-shop-${token + run}`,
    ]);
    const input = JSON.stringify(damaged({ service: 'shop', release, attempt: 1, token }, random)) ?? 'null';
    story.cloud.machine.start({ name, input });
    started.push(name);
    await story.after(5);
  }
  return started;
};

const expectEnded = (story: Story, started: string[]): void => {
  for (const name of started) {
    const { status, error = '' } = story.cloud.machine.describe(name);
    expect(status).not.toBe('RUNNING');
    if (status === 'FAILED') expect(error).toMatch(/^(Transient|Rejected|RolloutFailed|States\..+)$/);
  }
  expect(story.log.filter((line) => slip.test(line))).toEqual([]);
};

const service = {
  strategy: canary([50], { bake: '10 minutes', keepOldFor: '10 minutes' }),
  checks: { alarms: [alarm] },
};
const seeds = [1, 2, 3];

describe.each(momentNames)('%s', (name) => {
  it.each(seeds)('damaged events change nothing, damaged inputs end their executions (seed %i)', async (seed) => {
    const story = await liveStory({ schedule: true, service });
    const random = seededRandom(seed);
    const before = await moments[name].reach(story);
    await sendDamaged(story, random, 12);
    const after = await story.row();
    expect({ lock: after.lock, phase: after.phase }).toEqual({ lock: before.lock, phase: before.phase });
    const started = await startDamaged(story, random, 12);
    await moments[name].goOn?.(story);
    await story.rest();
    await story.after(600);
    await expectAtRest(story, name === 'at rest' || name === 'rolling back' ? 'v1' : 'v2');
    expectEnded(story, started);
    story.close();
  });
});

/** Neither the end of the holder nor a newer image is told of by an event of its own. */
const loseEvents = ({ cloud }: Story): void =>
  cloud.intercept(async (service, command, input, next) => {
    const { function: target = '' } = input as { function?: string };
    if (service === 'eventbridge' && command === 'Deliver' && ['on-stopped', 'on-image'].includes(target))
      throw new Error('lost');
    return next();
  });

/** Where an execution holds the service. */
const held = momentNames.filter((name) => name !== 'at rest' && name !== 'reserved');

describe.each(held)('%s, by an execution that has ended', (name) => {
  it.each(seeds)('damaged events and inputs keep nobody from recovering it (seed %i)', async (seed) => {
    const story = await liveStory({ schedule: true, service });
    const random = seededRandom(seed);
    const { lock } = await moments[name].reach(story);
    loseEvents(story);
    if (lock.state === 'held') story.cloud.machine.stop(lock.execution, { error: 'by hand' });
    story.push('v3');
    await sendDamaged(story, random, 6);
    const started = await startDamaged(story, random, 6);
    await story.after(600);
    story.cloud.intercept(undefined);
    await story.rest();
    await story.after(600);
    const { live } = await story.row();
    for (const version of ['v2', 'v3'])
      expect(await story.ledger.records('shop', releaseNamed(version)), version).not.toEqual([]);
    await expectAtRest(story, ['v1', 'v2', 'v3'].find((version) => releaseNamed(version) === live?.release) ?? '');
    expectEnded(story, started);
    story.close();
  });
});
