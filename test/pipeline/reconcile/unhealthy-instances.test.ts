/** Unhealthy instances of a live fleet at rest: which one is replaced, by which look, and when people are told instead. */
import { describe, expect, it, test } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import type { InstanceView } from '../../../pipeline/ports/fleet.ts';
import { unhealthyInstances } from '../../../pipeline/reconcile/unhealthy-instances.ts';
import { live, minute, publication, row, service } from '../../core/build.ts';
import { target } from '../targets.ts';
import { opened as openedPart } from './play-part.ts';

const ids = [0, 1, 2, 3].map((number) => `i-blue-${number}`);
const found = (id: string, reason = ''): string =>
  `${id} of the live fleet is unhealthy${reason}: it is replaced if it still is at the next look`;
const replacing = (id: string, reason = ''): string =>
  `${id} of the live fleet is still unhealthy${reason}: it is being replaced`;

/** Of the four instances of the live fleet, the first `unhealthy` do not answer. `instance`: what is different about one. */
const opened = async (
  unhealthy: number,
  instance: (index: number) => Partial<InstanceView> = () => ({}),
  reason: string | null = null,
) => {
  const story = await openedPart();
  const { ports } = story;
  const replaced: string[] = [];
  ports.fleet.replace = async (_, slot, id) => void replaced.push(`${slot} ${id}`);
  ports.traffic.health = async (_, slot) =>
    slot === 'green'
      ? []
      : ids.map((id, index) => (index < unhealthy ? { ...target('unhealthy', id), reason } : target('healthy', id)));
  ports.fleet.observe = async (_, slot) => ({
    instances: (slot === 'green' ? [] : ids).map((id, index) => ({
      id,
      zone: 'a',
      state: 'running',
      reason: null,
      release: live('a').release,
      launchedAt: 0,
      ...instance(index),
    })),
    number: 4,
    limits: null,
  });
  return { ...story, replaced, look: (seen = {}) => story.look(unhealthyInstances, seen) };
};

describe('an unhealthy instance of the live fleet', () => {
  it('is replaced by the second look that finds it, a minute later at the earliest', async () => {
    const { look, world, replaced, events } = await opened(1);
    expect(await look()).toEqual([found('i-blue-0')]);
    world.now += minute - 1;
    expect(await look()).toEqual([]);
    expect(replaced).toEqual([]);
    world.now += 1;
    expect(await look()).toEqual([replacing('i-blue-0')]);
    expect(replaced).toEqual(['blue i-blue-0']);
    expect(await events()).toMatchObject([
      { kind: 'problem', text: replacing('i-blue-0'), id: expect.stringMatching('/replaced/i-blue-0$') },
      { kind: 'problem', text: found('i-blue-0') },
    ]);
  });

  test.each([
    ['ten minutes ago', 10 * minute, ['blue i-blue-0']],
    ['more than ten minutes ago', 10 * minute + 1, []],
  ])('is found for the first time unless an earlier look found it: %s', async (_, after, expected) => {
    const { look, world, replaced } = await opened(1);
    await look();
    world.now += after;
    expect(await look()).toEqual([expected.length > 0 ? replacing('i-blue-0') : found('i-blue-0')]);
    expect(replaced).toEqual(expected);
  });

  it('is mentioned with what the load balancer says of it', async () => {
    const { look, world } = await opened(1, undefined, 'Target.Timeout');
    expect(await look()).toEqual([found('i-blue-0', ' (Target.Timeout)')]);
    world.now += minute;
    expect(await look()).toEqual([replacing('i-blue-0', ' (Target.Timeout)')]);
  });

  it('is replaced before a younger one, one a look', async () => {
    const { look, world, replaced } = await opened(2, (index) => ({ launchedAt: -index }));
    expect(await look()).toEqual([found('i-blue-1'), found('i-blue-0')]);
    world.now += minute;
    expect(await look()).toEqual([replacing('i-blue-1')]);
    expect(replaced).toEqual(['blue i-blue-1']);
  });

  it('is replaced before an older one that is found for the first time', async () => {
    const story = await opened(2, (index) => ({ launchedAt: -index }));
    const { health } = story.ports.traffic;
    story.ports.traffic.health = async (configuration, slot) =>
      (await health(configuration, slot)).map((one) => (one.id === 'i-blue-1' ? target('healthy', one.id) : one));
    expect(await story.look()).toEqual([found('i-blue-0')]);
    story.ports.traffic.health = health;
    story.world.now += minute;
    expect(await story.look()).toEqual([found('i-blue-1'), replacing('i-blue-0')]);
    expect(story.replaced).toEqual(['blue i-blue-0']);
  });

  it('is not replaced where something was decided meanwhile', async () => {
    const { ports, look, world, replaced, change } = await opened(1);
    await look();
    world.now += minute;
    const { history } = ports.ledger;
    ports.ledger.history = async (name, most) => {
      await change({ wanted: { ...row().wanted, edited: world.now } });
      return history(name, most);
    };
    expect(await look()).toEqual([]);
    expect(replaced).toEqual([]);
  });

  it('is recorded once where two looks find it within a minute, neither knowing of the other', async () => {
    const { look, ports, world, texts } = await opened(1);
    ports.now = () => world.now++;
    const { history } = ports.ledger;
    ports.ledger.history = async () => [];
    for (const _ of [1, 2]) expect(await look()).toEqual([found('i-blue-0')]);
    ports.ledger.history = history;
    expect(await texts()).toEqual([found('i-blue-0')]);
  });

  test.each([
    ['may still be on its way is given its time', -150_000, []],
    ['has had its time to be ready and to warm up', -150_001, [found('i-blue-0')]],
  ])('that %s', async (_, launched, expected) => {
    const { look, world } = await opened(1, () => ({ launchedAt: world.now + launched }));
    const { checks, ...rest } = service();
    expect(await look({ service: { ...rest, checks: { ...checks, readyWithin: 120, warmUp: 30 } } })).toEqual(expected);
  });

  it('waits for another that is on its way', async () => {
    const { look, world, replaced } = await opened(2, (index) => (index === 1 ? { launchedAt: world.now } : {}));
    expect(await look()).toEqual([found('i-blue-0')]);
    world.now += minute;
    expect(await look()).toEqual([]);
    expect(replaced).toEqual([]);
  });
});

it('where most are unhealthy none is replaced: people are told, once a day', async () => {
  const { look, world, replaced, events } = await opened(3);
  for (const after of [0, 2, 24 * 60]) {
    world.now += after * minute;
    expect(await look()).toEqual([
      expect.stringMatching(/^1 of 4 instances of the live fleet are healthy: none is replaced/),
    ]);
  }
  expect(replaced).toEqual([]);
  expect((await events()).map(({ id }) => id.split('/').at(-1))).toEqual(['2026-01-06', '2026-01-05']);
});

describe('none is looked for', () => {
  const release = 'c'.repeat(12);
  test.each<[string, Partial<InstanceView>]>([
    ['of another release', { release }],
    ['that has ended', { state: 'gone' }],
  ])('%s', async (_, different) => {
    const { look, world, replaced } = await opened(1, (index) => (index === 0 ? different : {}));
    expect(await look()).toEqual([]);
    world.now += minute;
    expect([await look(), replaced]).toEqual([[], []]);
  });

  it('in a group, which replaces its own', async () => {
    const { look, ports } = await opened(1);
    ports.traffic.health = () => Promise.reject(new Error('asked'));
    const fleet = { kind: 'groups' as const, blue: 'g-blue', green: 'g-green', count: 4 };
    expect(await look({ service: { ...service(), fleet } })).toEqual([]);
  });

  it('where no target is unhealthy: the fleet is not asked', async () => {
    const { look, ports } = await opened(0);
    ports.fleet.observe = () => Promise.reject(new Error('asked'));
    expect(await look()).toEqual([]);
  });

  test.each<[string, Partial<Row>]>([
    ['where a start is reserved meanwhile', { lock: { state: 'reserved', publication: publication('b') } }],
    ['where nothing is live', { live: null }],
  ])('%s', async (_, different) => {
    const { look, ports, change } = await opened(1);
    await change(different);
    ports.traffic.health = () => Promise.reject(new Error('asked'));
    expect(await look({ row: row({ live: different.live === null ? null : live('a') }) })).toEqual([]);
  });
});
