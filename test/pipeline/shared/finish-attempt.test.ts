/** The end of an attempt: what comes before its record, and what the record and its event say. */
import { expect, it } from 'vitest';
import { StaleToken, Transient } from '../../../core/basics/errors.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { finishAttempt } from '../../../pipeline/shared/finish-attempt.ts';
import { minute, plan, publication, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';
import { many } from '../targets.ts';

const limits = {
  blue: { min: 1, max: 8, desired: 4, suspended: [] },
  green: { min: 0, max: 8, desired: 0, suspended: [] },
};
const over = { weights: { blue: 0, green: 100 }, seq: 6, since: start };
const opened = async (change: Partial<Row> = {}) => {
  const story = await createWorld(held({ phase: 'committed', step: 4, wanted: over, ...change }));
  story.world.healthy.blue = 0;
  const finish = async (attempt = 1) =>
    finishAttempt(
      story.ports,
      { service: 'checkout', release: publication('b').release, attempt },
      await story.row(),
      'live',
      'it is live',
    );
  return { ...story, finish, records: () => story.ports.ledger.records('checkout', publication('b').release) };
};

it('scaling bounds are restored before the record is written', async () => {
  const { ports, finish, records, row } = await opened({ plan: plan({ limits }) });
  ports.fleet.restore = () => Promise.reject(new Transient('throttled'));
  await expect(finish()).rejects.toBeInstanceOf(Transient);
  expect(await records()).toEqual([]);
  expect((await row()).lock.state).toBe('held');
  let restored: number | null = null;
  ports.fleet.restore = async () => {
    await new Promise(setImmediate);
    restored = (await records()).length;
  };
  await finish();
  expect(restored).toBe(0);
  expect((await records()).map(({ outcome }) => outcome)).toEqual(['live']);
});

it('a fleet without scaling bounds restores nothing', async () => {
  const { ports, finish, records } = await opened();
  ports.fleet.restore = () => Promise.reject(new Error('restored'));
  await finish();
  expect(await records()).toHaveLength(1);
});

it('the event is of the attempt that holds the service, with how long it took', async () => {
  const { world, ports, finish } = await opened({
    plan: plan({ attempt: 2 }),
    lock: { state: 'held', publication: publication('b', { attempt: 2 }), execution: 'x' },
  });
  world.now = start + 5 * minute;
  const noted: unknown[] = [];
  ports.notify = async (event) => void noted.push(event);
  await finish();
  const told = {
    kind: 'finished',
    attempt: 2,
    text: 'it is live',
    data: { outcome: 'live', reason: 'it is live', seconds: 300 },
  };
  expect(await ports.ledger.history('checkout')).toMatchObject([told]);
  expect(noted).toMatchObject([{ ...told, service: 'checkout' }]);
});

it('one that was never admitted has no duration, and frees the service', async () => {
  const { ports, row } = await createWorld(
    held({ phase: 'free', plan: null, lock: { state: 'reserved', publication: publication('b') } }),
  );
  ports.traffic.health = () => Promise.reject(new Error('looked'));
  await finishAttempt(
    ports,
    { service: 'checkout', release: 'bbbbbbbbbbbb', attempt: 1 },
    await row(),
    'refused',
    'no',
  );
  expect((await ports.ledger.history('checkout'))[0]).toMatchObject({ data: { outcome: 'refused', reason: 'no' } });
  expect((await ports.ledger.history('checkout'))[0]?.data).not.toHaveProperty('seconds');
  expect((await row()).lock.state).toBe('free');
});

it('instances that came back into the emptied slot are tried again, a late end is stale', async () => {
  const { ports, finish } = await opened();
  const { health } = ports.traffic;
  ports.traffic.health = async (service, slot) => (slot === 'blue' ? many(1, 'draining') : health(service, slot));
  await finish();
  const other = await opened();
  other.ports.traffic.health = async () => many(1);
  await expect(other.finish()).rejects.toBeInstanceOf(Transient);
  const late = await opened();
  const row = await late.row();
  await late.finish();
  await expect(
    finishAttempt(late.ports, { service: 'checkout', release: 'bbbbbbbbbbbb', attempt: 1 }, row, 'live', 'late'),
  ).rejects.toBeInstanceOf(StaleToken);
});

it('a rollback does not end while instances are left in the new slot', async () => {
  const { ports, row, world } = await createWorld(
    held({
      phase: 'rollingBack',
      step: 1,
      condemned: 'green',
      abort: { kind: 'failed', why: 'bad', by: 'x', at: start },
    }),
  );
  const failed = async () => {
    const { release } = publication('b');
    await finishAttempt(ports, { service: 'checkout', release, attempt: 1 }, await row(), 'failed', 'bad');
  };
  await expect(failed()).rejects.toThrow(/^instances are left in green/);
  expect(await ports.ledger.records('checkout', publication('b').release)).toEqual([]);
  world.healthy.green = 0;
  await failed();
  expect((await ports.ledger.history('checkout')).map(({ kind, by }) => [kind, by])).toEqual([['finished', 'finish']]);
});

it('who waits is started', async () => {
  const { world, finish } = await opened({ next: publication('c') });
  await finish();
  expect(world.started).toEqual(['checkout-cccccccccccc-1']);
});
