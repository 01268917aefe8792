/** on-interruption: a spot instance leaves traffic, unless it is the last one, and nobody else is touched. */
import { describe, expect, it } from 'vitest';
import { Rejected } from '../../../core/basics/errors.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { interruptionEvent, onInterruption } from '../../../pipeline/triggers/on-interruption.ts';
import { live, row, service } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';
import { target } from '../targets.ts';

const event = { detail: { 'instance-id': 'i-green-0' } };

const opened = async (healthy: number, configuration = service(), takenBack = true, at: Row | null = held()) => {
  const { world, ports } = await createWorld(at, configuration);
  world.healthy.green = healthy;
  const left: unknown[] = [];
  ports.traffic.deregister = async ({ name }, slot, instance) => void left.push([name, slot, instance]);
  ports.fleet.slotOf = async (services, id) =>
    services[0] !== undefined && id.startsWith('i-green') ? { service: services[0], slot: 'green', takenBack } : null;
  return { ports, left, events: () => ports.ledger.history('checkout') };
};

describe('an instance that EC2 takes back', () => {
  it('leaves its target group, and people are told', async () => {
    const { ports, left, events } = await opened(2);
    const result = 'i-green-0 in green is taken back by EC2 in two minutes: it gets no new requests';
    expect(await onInterruption(ports)(event)).toEqual({ service: 'checkout', result });
    expect(left).toEqual([['checkout', 'green', 'i-green-0']]);
    expect(await events()).toMatchObject([
      { kind: 'problem', by: 'on-interruption', text: result, release: 'bbbbbbbbbbbb', attempt: 1 },
    ]);
  });

  it('serves to the end where it is the last healthy one', async () => {
    const { ports, left, events } = await opened(1);
    const { health } = ports.traffic;
    ports.traffic.health = async (...of) => [...(await health(...of)), target('unhealthy'), target('draining')];
    const result =
      'i-green-0 in green is taken back by EC2 in two minutes, and is the last healthy one: it keeps serving until then';
    expect(await onInterruption(ports)(event)).toEqual({ service: 'checkout', result });
    expect(left).toEqual([]);
    expect(await events()).toMatchObject([{ text: result }]);
  });

  it('leaves where another one is the last healthy one, or none is', async () => {
    for (const [healthy, id] of [
      [1, 'i-green-9'],
      [0, 'i-green-0'],
    ] as const) {
      const { ports, left } = await opened(healthy);
      await onInterruption(ports)({ detail: { 'instance-id': id } });
      expect(left).toEqual([['checkout', 'green', id]]);
    }
  });

  it('by an event alone, and not by EC2, goes on serving, and people are told', async () => {
    const { ports, left, events } = await opened(2, service(), false);
    const result =
      'an event says that EC2 takes back i-green-0 in green, but EC2 itself does not say so: it stays in traffic, and nothing is to be done';
    expect(await onInterruption(ports)(event)).toEqual({ service: 'checkout', result });
    expect(left).toEqual([]);
    expect(await events()).toMatchObject([{ kind: 'problem', text: result }]);
  });

  it('is recorded once, and apart from another one', async () => {
    const { ports, events } = await opened(3);
    for (const id of ['i-green-0', 'i-green-0', 'i-green-1'])
      await onInterruption(ports)({ detail: { 'instance-id': id } });
    expect((await events()).map(({ id }) => id.split('/').slice(1).join('/'))).toEqual([
      'on-interruption/problem/i-green-1',
      'on-interruption/problem/i-green-0',
    ]);
  });

  it.each([
    ['what is live, without a rollout', row({ live: live('a', { attempt: 3 }) }), live('a').release, 3],
    ['no release, where nothing is live', row({ live: null }), '', 0],
    ['no release, where the service has no row', null, '', 0],
  ])('is on record about %s', async (_, at, release, attempt) => {
    const { ports, left, events } = await opened(2, service(), true, at);
    await onInterruption(ports)(event);
    expect(left).toHaveLength(1);
    const id = `${release}-${attempt}/on-interruption/problem/i-green-0`;
    expect(await events()).toMatchObject([{ kind: 'problem', release, attempt, id }]);
  });

  it('leaves also where another service’s configuration cannot be read', async () => {
    const { ports, left } = await opened(2);
    const { configuration } = ports.ledger;
    ports.ledger.services = async () => ['broken', 'checkout'];
    ports.ledger.configuration = (name) =>
      name === 'broken' ? Promise.reject(new Rejected('damaged')) : configuration(name);
    expect(await onInterruption(ports)(event)).toMatchObject({ service: 'checkout' });
    expect(left).toHaveLength(1);
  });

  it('of a service that only observes is left alone', async () => {
    const { ports, left, events } = await opened(2, service({ mode: 'observe' }));
    expect(await onInterruption(ports)(event)).toEqual({ service: 'checkout', result: 'checkout only observes' });
    expect([left, await events()]).toEqual([[], []]);
  });

  it('and is nobody’s is nobody’s, once every configuration has been read', async () => {
    const { ports, left } = await opened(2);
    const strange = { detail: { 'instance-id': 'i-9' } };
    expect(await onInterruption(ports)(strange)).toEqual({ service: null, result: "i-9 is nobody's" });
    ports.ledger.services = async () => ['one', 'two'];
    ports.ledger.configuration = (name) => Promise.reject(new Rejected(`${name} is damaged`));
    await expect(onInterruption(ports)(strange)).rejects.toMatchObject({
      name: 'Transient',
      message: 'one is damaged; two is damaged',
    });
    expect(left).toEqual([]);
  });
});

it('an event without an instance is no interruption', () => {
  expect(interruptionEvent.parse(event)).toEqual(event);
  for (const detail of [{}, { 'instance-id': 7 }, undefined])
    expect(interruptionEvent.safeParse({ detail }).success).toBe(false);
});
