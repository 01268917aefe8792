/** Recoveries: when one starts, under which name and input, how long the next one waits, and when a person has to look. */

import { describe, expect, it } from 'vitest';
import { continuationName, executionName, isDerived, isRecovery, recoveryName } from '../../../core/protocol/row.ts';
import type { ExecutionStatus } from '../../../pipeline/ports/executions.ts';
import { recover, stuck } from '../../../pipeline/shared/recover.ts';
import { startReserved } from '../../../pipeline/shared/start-reserved.ts';
import { minute, publication, row, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const own = executionName('checkout', publication('b'));
const holding = (execution: string) => held({ lock: { state: 'held', publication: publication('b'), execution } });

/** Executions with their status; whatever is not named is absent. `moved`: seconds ago. */
const opened = async (statuses: Record<string, ExecutionStatus>, { moved = 0, running = [] as string[] } = {}) => {
  const { world, ports } = await createWorld(held());
  const started: [string, object][] = [];
  ports.executions = {
    ...ports.executions,
    status: async (name) => statuses[name] ?? 'absent',
    recoveries: async () => running,
    moved: async () => world.now - moved * 1000,
    start: async (name, input) => {
      started.push([name, input]);
      const status = statuses[name];
      return status === undefined || status === 'absent' ? 'started' : status;
    },
  };
  return { ports, started, names: () => started.map(([name]) => name) };
};
const token7 = { service: 'checkout', release: publication('b').release, attempt: 1, token: 7 };

describe('a holder', () => {
  it('whose execution runs, or a service that nobody holds, needs no recovery', async () => {
    const { ports, started } = await opened({ [own]: 'running' });
    expect(await recover(ports, held())).toEqual({ state: 'not needed' });
    expect(await recover(ports, row())).toEqual({ state: 'not needed' });
    expect(started).toEqual([]);
  });

  it.each(['closed', 'absent'] as const)('whose execution is %s is followed by a first recovery', async (status) => {
    const { ports, started } = await opened({ [own]: status });
    expect(await recover(ports, held())).toEqual({ state: 'started', name: 'recover-checkout-7-1' });
    expect(started).toEqual([['recover-checkout-7-1', token7]]);
  });

  it('that another recovery is already at work for is left to it', async () => {
    const { ports, started } = await opened({ [own]: 'closed' }, { running: ['recover-checkout-7-1'] });
    expect(await recover(ports, held())).toEqual({ state: 'under way' });
    expect(started).toEqual([]);
    const late = await opened({ [own]: 'closed', 'recover-checkout-7-1': 'running' });
    expect(await recover(late.ports, held())).toEqual({ state: 'under way' });
  });

  it('that was handed over to, and never started, is started by its own name and without a token', async () => {
    const name = continuationName(held(), 7);
    const { ports, started } = await opened({});
    expect(await recover(ports, holding(name))).toEqual({ state: 'started', name });
    const { token: _, ...input } = token7;
    expect(started).toEqual([[name, input]]);
    const closed = await opened({ [name]: 'closed' });
    expect(await recover(closed.ports, holding(name))).toEqual({ state: 'started', name: 'recover-checkout-7-1' });
  });
});

describe('the next recovery', () => {
  const died = (count: number): Record<string, ExecutionStatus> =>
    Object.fromEntries(
      [own, ...[1, 2, 3, 4, 5].slice(0, count).map((n) => `recover-checkout-7-${n}`)].map((name) => [name, 'closed']),
    );

  it.each([
    [1, 2 * 60],
    [2, 15 * 60],
    [3, 3600],
    [4, 6 * 3600],
  ])('after %i that died waits %i s after the end of the last one', async (count, pause) => {
    const early = await opened(died(count), { moved: pause - 1 });
    expect(await recover(early.ports, held())).toEqual({ state: 'waiting', seconds: expect.any(Number) });
    const last = `recover-checkout-7-${count}`;
    const taken = holding(last);
    expect(await recover(early.ports, taken)).toEqual({ state: 'waiting', seconds: 1 });
    const due = await opened(died(count), { moved: pause });
    expect(await recover(due.ports, taken)).toEqual({ state: 'started', name: `recover-checkout-7-${count + 1}` });
    expect(due.names()).toEqual([`recover-checkout-7-${count + 1}`]);
  });

  it('does not come after the fifth', async () => {
    const { ports, names } = await opened(died(5), { moved: 7 * 3600 });
    expect(await recover(ports, held())).toEqual({ state: 'given up' });
    expect(names()).toEqual([1, 2, 3, 4, 5].map((n) => `recover-checkout-7-${n}`));
    expect(await recover(ports, holding('recover-checkout-7-5'))).toEqual({ state: 'given up' });
  });
});

describe('names of a row with a secret', () => {
  const secret = { ...held(), nonce: '0123456789abcdef'.repeat(5).slice(0, 72) };
  const parts = [1, 2, 3, 4, 5].map((n) => recoveryName(secret, n));

  it('cannot be told from one another, and have at most 80 characters', () => {
    expect(new Set(parts.map((name) => name.slice(-12))).size).toBeGreaterThan(3);
    const longest = { service: 'x'.repeat(40), token: 999_999, nonce: 'f'.repeat(72) };
    for (const name of [...[1, 5].map((n) => recoveryName(longest, n)), continuationName(longest, 999_999)])
      expect(name.length).toBeLessThanOrEqual(80);
    expect(
      isDerived(`checkout-${publication('b').release}-2-n0123456789ab`, 'checkout', publication('b').release),
    ).toBe(true);
    expect(isDerived(`checkout-${publication('b').release}-2-by-me`, 'checkout', publication('b').release)).toBe(false);
  });

  it('are those of its recoveries, which no other execution of the kind holds up', async () => {
    const strangers = ['recover-checkout-7-1', 'recover-checkout-7-2-n000000000000', 'recover-checkout-9-1'];
    const { ports, names } = await opened(
      { [own]: 'closed', 'recover-checkout-7-1': 'closed' },
      { running: strangers },
    );
    expect(await recover(ports, secret)).toEqual({ state: 'started', name: parts[0] });
    expect(names()).toEqual([parts[0]]);
    const late = await opened({ [own]: 'closed' }, { running: [parts[2] as string] });
    expect(await recover(late.ports, secret)).toEqual({ state: 'under way' });
  });

  it('follow each other where a recovery has died, whoever named the holder', async () => {
    const [, second] = parts;
    const { ports } = await opened({ [parts[0] as string]: 'closed' }, { moved: 120 });
    const holder: typeof secret = { ...secret, ...holding(parts[0] as string), nonce: secret.nonce };
    expect(await recover(ports, holder)).toEqual({ state: 'started', name: second });
    const named = { ...secret, ...holding('recover-checkout-7-99'), nonce: secret.nonce };
    const other = await opened({ 'recover-checkout-7-99': 'closed' });
    expect(await recover(other.ports, named)).toMatchObject({ state: 'started', name: parts[0] });
  });
});

it('a recovery is known by its name, and a stuck one tells a person what to do', () => {
  expect(['recover-shop-1-1', 'shop-recover-1', 'shop-abc-1'].map(isRecovery)).toEqual([true, false, false]);
  expect(stuck('a')).toBe(
    'stuck: a and the recoveries before it ended before the rollout did; traffic keeps its weights. Find the cause in the Step Functions console, then run cutover retry, or redrive the execution',
  );
});

describe('a reserved start', () => {
  const reserved = () =>
    held({ lock: { state: 'reserved', publication: publication('b') }, phase: 'free', plan: null });
  const opening = async (...closed: string[]) => {
    const story = await createWorld(reserved(), service());
    story.world.closed.push(...closed);
    return story;
  };

  it('has a derived name, and is started again by whoever comes', async () => {
    const { world, ports } = await opening();
    expect(await startReserved(ports, 'checkout')).toBe(own);
    expect(await startReserved(ports, 'checkout')).toBe(own);
    expect(world.started).toEqual([own, own]);
  });

  it('whose execution closed before admission goes on as the next attempt, three times at most', async () => {
    const name = (attempt: number) => executionName('checkout', publication('b', { attempt }));
    const { world, ports, row: read } = await opening(name(1));
    expect(await startReserved(ports, 'checkout')).toBe(name(2));
    expect((await read()).lock).toMatchObject({ state: 'reserved', publication: { attempt: 2 } });
    const all = await opening();
    const tried: string[] = [];
    all.ports.executions.start = async (one) => {
      tried.push(one);
      return 'closed';
    };
    expect(await startReserved(all.ports, 'checkout')).toBeNull();
    expect(tried).toEqual([name(1), name(2), name(3)]);
    expect(world.started).toEqual([name(1), name(2)]);
  });

  it('is none where nothing is reserved', async () => {
    const { world, ports } = await createWorld(row(), service());
    expect(await startReserved(ports, 'checkout')).toBeNull();
    expect(await startReserved(ports, 'unknown')).toBeNull();
    expect(world.started).toEqual([]);
    expect(world.now).toBeGreaterThan(start);
  });
});

it('a recovery has a name of its own, and a closed name is not tried again', async () => {
  const { world, ports, row } = await createWorld(held({ phase: 'shifting', step: 1 }));
  expect((await recover(ports, await row())).state).toBe('not needed');
  world.closed.push(rollout().execution, 'recover-checkout-7-1');
  // It has just ended: what kept it from its end has a while to pass.
  expect(await recover(ports, await row())).toEqual({ state: 'waiting', seconds: 120 });
  const ended = world.now;
  ports.executions.moved = async () => ended;
  world.now += 2 * minute;
  expect(await recover(ports, await row())).toEqual({ state: 'started', name: 'recover-checkout-7-2' });
  world.closed.push('recover-checkout-7-2', 'recover-checkout-7-3', 'recover-checkout-7-4');
  expect(await recover(ports, await row())).toEqual({ state: 'waiting', seconds: 13 * 60 });
  world.now += 6 * 60 * minute;
  expect(await recover(ports, await row())).toEqual({ state: 'started', name: 'recover-checkout-7-5' });
  world.closed.push('recover-checkout-7-5');
  expect(await recover(ports, await row())).toEqual({ state: 'given up' });
});
