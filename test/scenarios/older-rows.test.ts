/** Rows that another version has written, in the middle of a rollout: what older ones did not have is as it was without; for what decides, everything stands still until a person has seen to it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { usualDecisions } from '../../core/config/defaults.ts';
import { pathText, valueAt } from '../../core/config/problems.ts';
import { canary } from '../../core/index.ts';
import { readRow } from '../../core/protocol/persisted.ts';
import type { Row } from '../../core/protocol/row.ts';
import { kind, liveStory, releaseNamed, type Story, type StoryOptions, serviceOf } from '../build.ts';
import { withAt } from '../core/build.ts';
import { expectAtRest, reach, until } from './at-rest.ts';

const rolling = async (
  phase: Row['phase'],
  service: StoryOptions['service'] = {},
  rpm = 1000,
  schedule = true,
): Promise<Story> => {
  const story = await liveStory({
    schedule,
    service: {
      strategy: canary([50], { bake: { atLeast: '2 minutes', atMost: '4 minutes' }, keepOldFor: '4 minutes' }),
      checks: { smoke: [{ path: '/health' }], alarms: ['shop-5xx'] },
      prices: { 'm7g.large': 0.0816 },
      ...service,
    },
  });
  if (phase === 'free') return story;
  for (const rule of story.service.rules) story.cloud.traffic.set(rule, rpm);
  story.push('v2');
  await reach(story, phase);
  return story;
};

const goingBack = async (): Promise<Story> => {
  const story = await rolling('shifting');
  await story.during(story.abort('not this one'));
  return story;
};

interface Stage {
  reached: () => Promise<Story>;
  /** What somebody does from there. */
  goOn?: (story: Story) => unknown;
  /** What is live in the end. */
  ends: string;
  /** What cannot be read as another version leaves it, and how it leaves it. */
  decides: [path: Path, written?: string];
}

type Path = (string | number)[];

const stages: Record<string, Stage> = {
  free: {
    reached: () => rolling('free'),
    goOn: (story) => story.push('v2'),
    ends: 'v2',
    decides: [['live', 'slot']],
  },
  reserved: {
    reached: async () => {
      const story = await rolling('free');
      story.cloud.intercept((service, command, _input, next) => {
        if (service !== 'sfn' || command !== 'StartExecution') return next();
        throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
      });
      story.push('v2');
      await until(story, 'reserved', ({ lock }) => lock.state === 'reserved');
      story.cloud.intercept(undefined);
      return story;
    },
    ends: 'v2',
    decides: [['lock', 'publication', 'attempt']],
  },
  preparing: { reached: () => rolling('preparing'), ends: 'v2', decides: [['plan', 'steps']] },
  shifting: { reached: () => rolling('shifting'), ends: 'v2', decides: [['wanted', 'weights', 'blue']] },
  settling: {
    reached: () => rolling('settling'),
    ends: 'v2',
    decides: [['plan', 'configuration', 'timing']],
  },
  paused: {
    reached: async () => {
      const story = await rolling('settling', { strategy: canary([], { bake: '4 minutes' }) }, 0);
      const isAsked = async () => (await story.row()).question !== null;
      for (let minutes = 0; !(await isAsked()); minutes++) {
        expect(minutes).toBeLessThan(60);
        await story.after(60);
      }
      return story;
    },
    // A version that asked without a question is asked for one by the next look at it.
    goOn: async (story) => {
      await until(story, 'asked', ({ question }) => question !== null);
      await story.during(story.answer('approve'));
    },
    ends: 'v2',
    decides: [['phase'], 'paused'],
  },
  committed: { reached: () => rolling('committed'), ends: 'v2', decides: [['lock', 'state'], 'shared'] },
  'rolling back': { reached: goingBack, ends: 'v1', decides: [['abort']] },
  condemned: {
    reached: async () => {
      const story = await goingBack();
      await until(story, 'condemned', ({ condemned }) => condemned !== null);
      return story;
    },
    ends: 'v1',
    decides: [['condemned']],
  },
  superseding: {
    reached: async () => {
      const story = await rolling('shifting');
      story.push('v3');
      await until(story, 'next', ({ next }) => next !== null);
      return story;
    },
    ends: 'v3',
    decides: [['next']],
  },
};

/** Every field, at every depth. */
const fieldsOf = (value: unknown, path: Path = []): Path[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => fieldsOf(item, [...path, index]));
  return Object.entries(value).flatMap(([key, inside]) => [[...path, key], ...fieldsOf(inside, [...path, key])]);
};
const written = (value: unknown): Row => JSON.parse(JSON.stringify(value));

/** What versions did that did not have a field, by its name; what people read may be blank. */
const without: Record<string, unknown> = {
  atLeast: undefined,
  burst: null,
  by: '',
  comparison: null,
  decisions: usualDecisions,
  label: '',
  limits: null,
  maxExtra: null,
  metrics: { kind: 'cloudwatch' },
  mode: 'automatic',
  nonce: undefined,
  parked: [],
  prices: {},
  question: null,
  'm7g.large': undefined,
  raised: [],
  signals: [],
  slower: null,
  steppedAside: false,
  times: undefined,
  traffic: undefined,
  types: [],
  waits: undefined,
  why: '',
};
/** What groups scaled within before a rollout changed it is nothing that a version could do without. */
const isHarmless = (path: Path): boolean =>
  String(path.at(-1)) in without && (kind === 'instances' || pathText(path) !== 'plan.limits');

/** The row without every such field. */
const lacking = (row: Row, which: (path: Path) => boolean): Row =>
  fieldsOf(row)
    .filter(which)
    .reduce((so, path) => (valueAt(so, path) === undefined ? so : written(withAt(so, path, undefined))), row);

/** As a version would write it that has something more everywhere. */
const newer = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(newer);
  const inside = Object.entries(value).map(([key, one]) => [key, key === 'prices' ? one : newer(one)]);
  return { ...Object.fromEntries(inside), ...(!('m7g.large' in value) && { later: { more: [1] } }) };
};

/** Where a word decides. */
const words =
  /^(phase|lock\.state|condemned|abort\.kind|service|live\.slot|plan\.(old|new)\.(slot|kind))$|^plan\.configuration\.(mode|growth|.*kind|checks\.decisions\..*)$/;

/** Where a text has a shape, or says of which service or image something is. */
const shaped =
  /(^|\.)(release|reference|name|service|id|version|nonce|slots\.(blue|green))$|^plan\.configuration\.(rules|fleet\.subnets)\[\d+\]$/;
const isShaped = (where: string): boolean => shaped.test(where) && where !== 'question.id';

/** Writes the row as another version, or a person, would: past the protocol. */
const put = async ({ store }: Story, change: (row: Row) => unknown): Promise<void> => {
  const key = { pk: 'service#shop', sk: 'row' };
  const item = await store.get(key.pk, key.sk);
  const value = change(item?.value as Row);
  expect(await store.write([{ ...key, value, when: item?.version ?? 'absent' }])).toBe('written');
};

/** Functions that failed for that reason. None does for a slip of the code's own. */
const failedFor = ({ log }: Story, why: RegExp | string): string[] => {
  const failed: { function: string; error: Error }[] = log
    .filter((line) => line.includes('"message":"failed"'))
    .map((line) => JSON.parse(line));
  const isFor = ({ error }: (typeof failed)[number]) => error.message.search(why) >= 0;
  expect(failed.filter((one) => !isFor(one) && !/^(Transient|RolloutFailed)$/.test(one.error.name))).toEqual([]);
  return failed.filter(isFor).map((line) => line.function);
};

/** The execution is stopped, and the event that tells of it is lost. */
const stopUnheard = async (story: Story): Promise<string> => {
  const { cloud } = story;
  cloud.intercept(async (service, command, input, next) => {
    const { function: target } = input as { function?: string };
    if (service === 'eventbridge' && command === 'Deliver' && target === 'on-stopped') throw new Error('lost');
    return next();
  });
  const { lock } = await story.row();
  const name = lock.state === 'held' ? lock.execution : '';
  cloud.machine.stop(name, { error: 'by hand' });
  await story.after(1);
  return name;
};

/** What a person's command line answers: all that matters is that it says why. */
const said = (command: Promise<unknown>): Promise<string> => command.then(String, ({ message }: Error) => message);

describe.each(Object.entries(stages))('a row that is %s', (_, { reached, goOn, ends, decides }) => {
  let row: Row;
  let story: Story;
  beforeAll(async () => {
    story = await reached();
    row = written(await story.row());
  });

  it('lacks a field: it is read as versions did without it, or refused by its name', () => {
    for (const path of fieldsOf(row)) {
      const less = written(withAt(row, path, undefined));
      if (isHarmless(path)) expect(readRow('shop', less)).toEqual(withAt(row, path, without[String(path.at(-1))]));
      else expect(() => readRow('shop', less)).toThrow(`the row of shop cannot be read: ${pathText(path)}: expected `);
    }
  });

  it('has a word that this version does not know: it is one for people, or refused by its name', () => {
    const refused = fieldsOf(row).filter((path) => {
      if (typeof valueAt(row, path) !== 'string') return false;
      const [unheard, where] = [withAt(row, path, 'unheard-of'), pathText(path)];
      if (isShaped(where)) {
        expect(() => readRow('shop', unheard), where).toThrow('the row of shop cannot be read: ');
        return false;
      }
      if (!words.test(where)) expect(readRow('shop', unheard)).toEqual(unheard);
      else expect(() => readRow('shop', unheard)).toThrow(`${where}: expected `);
      return words.test(where);
    });
    expect(refused.length).toBeGreaterThan(2);
  });

  it('has something more than this version knows: it goes on, and is kept', async () => {
    await put(story, newer);
    await goOn?.(story);
    await story.rest();
    await expectAtRest(story, ends);
    expect(await story.row()).toMatchObject({ later: { more: [1] } });
    story.close();
  });

  it('lacks all that older versions did not have: it goes on', async () => {
    story = await reached();
    await put(story, (found) => lacking(found, isHarmless));
    await goOn?.(story);
    await story.rest();
    await expectAtRest(story, ends);
    story.close();
  });

  it('lacks what decides: it stands still, says so, and goes on once a person has seen to it', async () => {
    const [path, word] = decides;
    const why = `the row of shop cannot be read: ${pathText(path)}: expected `;
    story = await reached();
    row = written(await story.row());
    await put(story, () => withAt(row, path, word));
    await story.after(600);
    const seen = { weights: story.weights(), running: story.running() };
    story.push('v4');
    expect(await said(story.during(story.abort('not this one')))).toContain(why);
    expect(await said(story.during(story.roll('v1')))).toContain(why);
    await story.after(3600);
    expect({ weights: story.weights(), running: story.running() }).toEqual(seen);
    expect(failedFor(story, why)).toEqual(expect.arrayContaining(['reconcile', 'on-image']));
    await put(story, () => row);
    for (const rule of story.service.rules) story.cloud.traffic.set(rule, 1000);
    await story.rest();
    await story.after(3600);
    await expectAtRest(story, 'v4');
    expect((await story.rollouts()).filter(({ outcome }) => outcome === null)).toEqual([]);
    story.close();
  });
});

const acting = Object.keys(without).filter((name) => without[name] !== '' && name !== 'waits' && name !== 'm7g.large');

it.each(acting)('a row that is shifting lacks %s, and no more: it goes on, and back', async (name) => {
  const story = await rolling('shifting');
  await put(story, (row) => lacking(row, (path) => path.at(-1) === name && isHarmless(path)));
  await story.after(120);
  await story.during(story.abort('not this one'));
  await story.rest();
  await expectAtRest(story, 'v1');
  story.close();
});

/** EC2 says of the instance that it takes it back; nothing has been told of it yet. */
const takenBack = (story: Story, id = ''): string => {
  const instance = story.cloud.world.instances.get(id);
  if (instance === undefined) throw new Error(`there is no instance ${id}`);
  Object.assign(instance, { spot: true, interrupted: true });
  return id;
};

it.each(['goes on', 'is recovered'])('a rollout %s though its configuration cannot be read now', async (way) => {
  const story = await rolling('shifting');
  const { service, cloud } = story;
  const apply = (changed: object) =>
    story.ledger.applyConfiguration([{ ...service, ...changed }], { author: 'ada', commit: 'newer', at: 0 });
  await apply({ metrics: { kind: 'unheard-of' } });
  if (way === 'is recovered') await stopUnheard(story);
  story.push('v3');
  await story.after(3600);
  await expectAtRest(story, way === 'goes on' ? 'v2' : 'v1');
  const why = 'the configuration of shop cannot be read: metrics.kind: expected one of "cloudwatch", "prometheus"';
  const interruption = { detail: { 'instance-id': story.targets((await story.row()).live?.slot ?? 'blue')[0] } };
  expect(await said(story.during(cloud.invoke('on-interruption', interruption)))).toContain(why);
  expect(failedFor(story, why)).toEqual(expect.arrayContaining(['reconcile', 'on-image']));
  await apply({});
  await story.after(3600);
  await expectAtRest(story, 'v3');
  story.close();
});

it('what cannot be read of one service holds up no other', async () => {
  const story = await rolling('shifting', {}, 1000, false);
  const { ledger, store, cloud, service } = story;
  await ledger.applyConfiguration([serviceOf({}, 'cart'), service], { author: 'ada', commit: 'two', at: 0 });
  await store.write([{ pk: 'service#cart', sk: 'row', value: {}, when: 'absent' }]);
  const { version = 0 } = (await store.get('config', 'cart')) ?? {};
  await store.write([{ pk: 'config', sk: 'cart', value: { service: {} }, when: version }]);

  const [instance = ''] = story.targets('blue');
  const interruption = { detail: { 'instance-id': takenBack(story, instance) } };
  expect(await story.during(cloud.invoke('on-interruption', interruption))).toMatchObject({ service: 'shop' });
  cloud.setAlarm('shop-5xx', 'ALARM', 'bad');
  story.push('v3');
  await reach(story, 'rollingBack');
  cloud.setAlarm('shop-5xx', 'OK', 'good');
  await until(story, 'the next one', ({ phase }) => phase === 'preparing');
  const name = await stopUnheard(story);
  const stopped = story.during(cloud.invoke('on-stopped', { detail: { name, status: 'ABORTED' } }));
  expect(await stopped).toMatchObject({ state: 'started' });
  await story.rest();
  await expectAtRest(story, 'v1');
  const saying = failedFor(story, /the \w+ of cart cannot be read/);
  expect(new Set(saying)).toEqual(new Set(['on-image', 'on-alarm']));
  story.close();
});

it('an item that cannot be believed is told once a day and holds up no other service', async () => {
  const story = await liveStory();
  const { ledger, store, cloud, service } = story;
  const names = ['book', 'cart', 'desk'];
  const others = names.map((name) => serviceOf({}, name));
  await ledger.applyConfiguration([...others, service], { author: 'ada', commit: 'four', at: 0 });
  const row = written(await story.row());
  const damage = async (pk: string, sk: string, value: unknown) =>
    store.write([{ pk, sk, value, when: (await store.get(pk, sk))?.version ?? 'absent' }]);
  await damage('service#book', 'row', '{"service": "book",');
  await damage('service#cart', 'row', {
    ...row,
    service: 'cart',
    wanted: { ...row.wanted, weights: { blue: -5, green: 1e9 } },
  });
  await damage('config', 'desk', 'gone');
  story.push('v2');
  await until(story, 'v2 rolls', ({ lock }) => lock.state === 'held');
  cloud.machine.stop(`shop-${releaseNamed('v2')}-1`);
  for (let looks = 0; looks < 30; looks++) {
    await story.during(cloud.invoke('reconcile', {})).catch(() => undefined);
    await story.after(120);
  }
  await story.rest();
  expect((await story.row()).lock.state).toBe('free');
  const told = await Promise.all(
    names.map(async (name) => (await ledger.history(name)).map(({ kind, text }) => ({ kind, text }))),
  );
  expect(told).toEqual([
    [{ kind: 'problem', text: expect.stringContaining('the row of book cannot be read: expected an object') }],
    [
      {
        kind: 'problem',
        text: expect.stringContaining(
          'the row of cart cannot be read: wanted.weights.blue: expected a whole weight from 0 to 100, found -5',
        ),
      },
    ],
    [
      {
        kind: 'problem',
        text: expect.stringContaining('the configuration of desk cannot be read: expected an object, found "gone"'),
      },
    ],
  ]);
  story.close();
});

it('an instance that EC2 takes back leaves the load balancer, whatever the row says', async () => {
  const story = await rolling('free');
  await put(story, () => ({}));
  const serving = story.targets('green');
  const interruption = { detail: { 'instance-id': takenBack(story, serving[0]) } };
  expect(await said(story.during(story.cloud.invoke('on-interruption', interruption)))).toContain('the row of shop');
  expect(story.targets('green')).toEqual(serving.slice(1));
  story.close();
});
