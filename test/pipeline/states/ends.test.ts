/** Complete, ReportFailure and HandOver: the record, the bounds that are restored, who is next, and how each is repeated. */
import { describe, expect, it } from 'vitest';
import { Rejected, RolloutFailed, StaleToken, Transient } from '../../../core/basics/errors.ts';
import { continuationName } from '../../../core/protocol/row.ts';
import { complete } from '../../../pipeline/states/complete.ts';
import { handOver } from '../../../pipeline/states/hand-over.ts';
import { reportFailure } from '../../../pipeline/states/report-failure.ts';
import { minute, plan, publication, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const over = { weights: { blue: 0, green: 100 }, seq: 6, since: start };
const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start };
const askedAt = new Date(start).toISOString();
const { release } = publication('b');

const opened = async (change: Parameters<typeof held>[0], healthy = { blue: 0, green: 4 }) => {
  const story = await createWorld(held({ step: 4, ...change }), service());
  story.world.healthy = healthy;
  const notices: string[] = [];
  story.ports.notify = async ({ kind, text }) => void notices.push(`${kind}: ${text}`);
  const records = async () =>
    (await story.ports.ledger.records('checkout', release)).map(({ outcome, reason }) => [outcome, reason]);
  const states = { live: complete, failed: reportFailure, continued: handOver };
  const answer = (outcome: keyof typeof states, why = '', more = {}) =>
    states[outcome](story.ports)({ ...rollout(), why, askedAt, ...more });
  return { ...story, notices, records, answer };
};
const committed = { phase: 'committed' as const, wanted: over };
const failing = { phase: 'rollingBack' as const, abort, condemned: 'green' as const };

describe('Complete', () => {
  it('records the release as live, frees the service, and says so once with how long it took', async () => {
    const { answer, row, records, notices, ports } = await opened(committed);
    expect((await answer('live')).next).toBe('Ended');
    expect(await row()).toMatchObject({ lock: { state: 'free' }, live: { release, slot: 'green' } });
    expect(await records()).toEqual([['live', `${release} is live`]]);
    expect(notices).toEqual([`finished: ${release} is live`]);
    const [event] = await ports.ledger.history('checkout');
    expect(event).toMatchObject({ kind: 'finished', data: { outcome: 'live', seconds: minute / 1000 } });
    await expect(answer('live')).rejects.toBeInstanceOf(StaleToken);
  });

  it('waits where something has come into the emptied slot since, and records nothing', async () => {
    const { answer, records, notices } = await opened(committed, { blue: 1, green: 4 });
    await expect(answer('live')).rejects.toBeInstanceOf(Transient);
    expect([await records(), notices]).toEqual([[], []]);
  });

  it('starts whoever is next', async () => {
    const { answer, world, row } = await opened({ ...committed, next: publication('c') });
    await answer('live');
    expect(world.started).toEqual([`checkout-${publication('c').release}-1`]);
    expect((await row()).lock).toMatchObject({ state: 'reserved' });
  });

  it('restores the groups’ own bounds before it writes the record', async () => {
    const limits = { min: 2, max: 9, desired: 4, suspended: [] };
    const { answer, ports, row } = await opened({
      ...committed,
      plan: plan({ limits: { blue: limits, green: { ...limits, min: 0, desired: 0 } } }),
    });
    const restored: unknown[] = [];
    ports.fleet.restore = async (_, given) => {
      expect((await row()).lock.state).toBe('held');
      restored.push({ blue: given.blue.min, green: given.green.min });
    };
    await answer('live');
    expect(restored).toEqual([{ blue: 0, green: 2 }]);
  });
});

describe('ReportFailure', () => {
  it('records the failure by what the row says, and throws it', async () => {
    const { answer, row, records } = await opened(failing, { blue: 4, green: 0 });
    await expect(answer('failed', 'Transient: {"errorMessage":"another"}')).rejects.toThrow(new RolloutFailed('bad'));
    expect(await row()).toMatchObject({ lock: { state: 'free' }, live: { release: publication('a').release } });
    expect(await records()).toEqual([['failed', 'bad']]);
  });

  it('ends without an error where a recovery has done its work', async () => {
    const execution = 'recover-checkout-7-1';
    const { answer } = await opened(
      { ...failing, lock: { state: 'held', publication: publication('b'), execution } },
      { blue: 4, green: 0 },
    );
    expect(await answer('failed', '', { execution })).toMatchObject({ next: 'Ended', why: 'bad' });
  });

  it.each([
    ['preparing', {}, 'RollBack'],
    ['committed', committed, 'Retire'],
  ] as const)('after Admit’s answer was lost goes on from %s under the row’s token', async (_, change, next) => {
    const { answer } = await opened(change);
    const went = await answer('failed', 'Rejected: {"errorMessage":"no template"}', { token: 0 });
    expect(went).toMatchObject({ next, why: 'no template', rollout: { token: 7 } });
  });

  it('of an attempt that was only reserved records it as failed, with the words of its error', async () => {
    const lock = { state: 'reserved' as const, publication: publication('b') };
    const { answer, records, row } = await opened({ lock, phase: 'free', plan: null });
    const why = 'Rejected: {"errorMessage":"there is no template"}';
    await expect(answer('failed', why)).rejects.toThrow(new RolloutFailed('there is no template'));
    expect([await records(), (await row()).lock.state]).toEqual([[['failed', 'there is no template']], 'free']);
  });

  it('of another attempt of the release than the reserved one touches nothing', async () => {
    const lock = { state: 'reserved' as const, publication: publication('b', { attempt: 2 }) };
    const { answer, row } = await opened({ lock, phase: 'free', plan: null });
    await expect(answer('failed', 'x')).rejects.toBeInstanceOf(Rejected);
    expect((await row()).lock).toEqual(lock);
  });

  it('starts over only where it was asked for after the record', async () => {
    const { answer, world } = await opened(failing, { blue: 4, green: 0 });
    await expect(answer('failed')).rejects.toBeInstanceOf(RolloutFailed);
    for (const [at, next] of [
      [0, null],
      [1, 'Admit'],
    ] as const) {
      const again = answer('failed', '', { askedAt: new Date(world.now + at).toISOString() });
      if (next === null) await expect(again).rejects.toThrow(new RolloutFailed('bad'));
      else expect((await again).next).toBe(next);
    }
  });

  it('of what nobody knows says what it was told, or which attempt is unknown', async () => {
    const { answer } = await opened({ lock: { state: 'free' }, phase: 'free', plan: null });
    await expect(answer('failed', 'Rejected: {"errorMessage":"no service"}')).rejects.toThrow('no service');
    await expect(answer('failed', 'x', { release: 'ffff', attempt: 9 })).rejects.toBeInstanceOf(Rejected);
  });
});

describe('HandOver', () => {
  it('gives the service to another execution and starts it without a token, once and again', async () => {
    const { answer, world, ports, row } = await opened({ phase: 'shifting', step: 2 });
    const inputs: object[] = [];
    const { start: begin } = ports.executions;
    ports.executions.start = (name, input) => {
      inputs.push(input);
      return begin(name, input);
    };
    const name = continuationName(held(), 7);
    expect(await answer('continued')).toMatchObject({ next: 'Ended', why: `goes on in ${name}` });
    expect((await row()).lock).toMatchObject({ state: 'held', execution: name });
    expect(await answer('continued')).toMatchObject({ next: 'Ended' });
    expect(world.started).toEqual([name, name]);
    expect(inputs).toEqual([
      { service: 'checkout', release, attempt: 1 },
      { service: 'checkout', release, attempt: 1 },
    ]);
  });

  it('by an execution that does not hold the service is stale', async () => {
    const { answer, world } = await opened({ token: 8 });
    await expect(answer('continued')).rejects.toBeInstanceOf(StaleToken);
    expect(world.started).toEqual([]);
  });
});

it('ReportFailure throws after the record and when repeated, and starts over when redriven', async () => {
  const abort = { kind: 'failed' as const, why: 'bad', by: 'x', at: start };
  const { world, ports, row } = await createWorld(held({ phase: 'rollingBack', abort, condemned: 'green' }));
  world.healthy.green = 0;
  const report = { ...rollout(), why: 'bad', askedAt };
  await expect(reportFailure(ports)(report)).rejects.toThrow(new RolloutFailed('bad'));
  expect((await row()).lock.state).toBe('free');
  await expect(reportFailure(ports)(report)).rejects.toBeInstanceOf(RolloutFailed);
  const redriven = await reportFailure(ports)({ ...report, askedAt: new Date(world.now + 1).toISOString() });
  expect(redriven.next).toBe('Admit');
  const records = await ports.ledger.records('checkout', publication('b').release);
  expect(records.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([[1, 'failed']]);
});

it('a superseded rollout ends without an error, and the next one is started', async () => {
  const abort = { kind: 'superseded' as const, why: 'c is newer', by: 'c', at: start };
  const next = publication('c');
  const { world, ports, row } = await createWorld(held({ phase: 'rollingBack', abort, condemned: 'green', next }));
  world.healthy.green = 0;
  const answer = await reportFailure(ports)({ ...rollout(), why: '', askedAt });
  expect(answer.next).toBe('Ended');
  expect(world.started).toEqual([`checkout-${next.release}-1`]);
  expect((await row()).lock).toMatchObject({ state: 'reserved', publication: next });
});
