/** Input that nobody meant: events and execution inputs with parts missing or changed, AWS's answers with parts missing. An error that names the thing, or a refusal; never a row that stays held. */
import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { digestOf, liveStory, releaseNamed, type Story } from '../build.ts';

type Random = () => number;
const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

const junk = [null, '', 'x', 0, -1, 1e9, true, [], {}, [null], { a: 1 }, '2026-13-45T99:99', '\u0000', '__proto__'];

/** The same value with one part of it gone or replaced, wherever. */
const damaged = (value: unknown, random: Random): unknown => {
  if (typeof value !== 'object' || value === null || random() < 0.1) return pick(random, junk);
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(random, junk);
  const key = pick(random, keys);
  const copy = structuredClone(value) as Record<string, unknown>;
  if (random() < 0.4) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
  } else copy[key] = damaged(copy[key], random);
  return copy;
};

/** The same answer with one part of it gone, wherever. */
const lacking = (value: unknown, random: Random): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Date) return undefined;
  const key = pick(random, Object.keys(value));
  if (key === undefined) return undefined;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const part = random() < 0.5 ? undefined : lacking(copy[key], random);
  if (part !== undefined) copy[key] = part;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
};

/** What the machine knows, and what a person reads: never a slip of the code's own. */
const named = /^(Transient|Rejected|StaleToken|RolloutFailed|Error)$/;

const events: Record<string, object[]> = {
  'on-image': [
    {
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      detail: {
        'action-type': 'PUSH',
        result: 'SUCCESS',
        'repository-name': 'acme/shop',
        'image-digest': digestOf('v2'),
        'image-tag': 'v2',
      },
    },
    {
      source: 'aws.ec2',
      'detail-type': 'EC2 AMI State Change',
      detail: { ImageId: 'ami-0123456789abcdef0', State: 'available' },
    },
    { source: 'aws.ssm', 'detail-type': 'Parameter Store Change', detail: { name: '/shop/ami', operation: 'Update' } },
  ],
  'on-alarm': [{ detail: { alarmName: 'shop-5xx', state: { value: 'ALARM' } } }],
  'on-interruption': [
    {
      source: 'aws.ec2',
      'detail-type': 'EC2 Spot Instance Interruption Warning',
      detail: { 'instance-id': 'i-1', 'instance-action': 'terminate' },
    },
  ],
  'on-stopped': [
    {
      detail: {
        name: 'shop-x-1',
        executionArn: 'arn:x',
        status: 'ABORTED',
        input: '{"service":"shop","release":"x","attempt":1}',
      },
    },
  ],
};

it('a damaged event is refused by what is wrong with it, or does nothing', async () => {
  const story = await liveStory();
  const random = seededRandom(5);
  for (const [name, samples] of Object.entries(events))
    for (let run = 0; run < 40; run++) {
      const event = damaged(pick(random, samples), random);
      const failure = await story.during(
        story.cloud.invoke(name, event).then(
          () => null,
          (error: Error) => error,
        ),
      );
      if (failure !== null)
        expect({ event, failure: failure.name, said: failure.message }).toMatchObject({
          failure: expect.stringMatching(named),
        });
    }
  await story.rest();
  expect((await story.row()).lock.state).toBe('free');
});

it('a damaged execution input ends its execution, and holds nothing', async () => {
  const story = await liveStory();
  const random = seededRandom(6);
  const input = { service: 'shop', release: releaseNamed('v1'), attempt: 1, token: 3 };
  for (let run = 0; run < 60; run++) {
    const name = `by-hand-${run}`;
    story.cloud.machine.start({ name, input: JSON.stringify(damaged(input, random)) ?? 'null' });
    await story.rest();
    const { status, error = '' } = story.cloud.machine.describe(name);
    expect(status).not.toBe('RUNNING');
    if (status === 'FAILED') expect(error).toMatch(/^(Transient|Rejected|RolloutFailed|States\..+)$/);
  }
  await story.rest();
  expect((await story.row()).lock.state).toBe('free');
  expect((await story.row()).live?.release).toBe(releaseNamed('v1'));
});

/** Each of AWS's answers lacks something with this chance. */
const often = 0.01;

/** Answers how many answers lacked something. */
const rolledOut = async (story: Story, seed: number): Promise<number> => {
  const random = seededRandom(seed);
  let hits = 0;
  story.cloud.intercept(async (service, _command, _input, next) => {
    const answer = await next();
    if (service === 'eventbridge' || random() >= often) return answer;
    hits++;
    return lacking(answer, random);
  });
  story.push('v2');
  await story.after(2 * 3600);
  story.cloud.intercept(undefined);
  await story.rest();
  return hits;
};

it.each(Array.from({ length: 25 }, (_, index) => index + 1))(
  'answers with parts missing end a rollout as live or put back (seed %i)',
  async (seed) => {
    const story = await liveStory({ schedule: true });
    expect(await rolledOut(story, seed)).toBeGreaterThan(0);
    // Missing is what it may be; of another type the SDK itself lets nothing through.
    expect(story.log.filter((line) => /TypeError|RangeError/.test(line))).toEqual([]);
    const row = await story.row();
    expect(row.lock.state).toBe('free');
    expect([releaseNamed('v1'), releaseNamed('v2')]).toContain(row.live?.release);
    expect(Object.values(story.weights()).toSorted()).toEqual([0, 100]);
    story.close();
  },
);
