/** What the row protocol refuses, by which guard, and the reason that a person reads; and when a row is quiet. */
import { describe, expect, test } from 'vitest';
import { allOn, fullSlot, otherSlot } from '../../../core/basics/slot.ts';
import { beforeCommit, isHeldBy, quiet, untilQuiet } from '../../../core/protocol/guards.ts';
import { type Decision, guards, protocol } from '../../../core/protocol/protocol.ts';
import {
  type Abort,
  continuationName,
  executionName,
  firstRow,
  isContinuation,
  isStillLive,
  type Phase,
  type Row,
} from '../../../core/protocol/row.ts';
import { holderOf } from '../../../core/release/publications.ts';
import { live, plan, publication, row, start } from '../build.ts';

const b = publication('b', { order: start + 1 });
const c = publication('c', { order: start + 2 });
const name = `${b.release} attempt 1`;
const execution = 'checkout-bbbbbbbbbbbb-1';
const settled = start + plan().configuration.timing.settling * 1000;
const both = { blue: true, green: true };
const neither = { blue: false, green: false };
const last = plan().steps.length;

const reserved = row({ lock: { state: 'reserved', publication: b }, token: 7 });
const held = (different: Partial<Row> = {}): Row =>
  row({ lock: { state: 'held', publication: b, execution }, token: 7, phase: 'preparing', plan: plan(), ...different });
const weighted = (blue: number) => ({ weights: { blue, green: 100 - blue }, seq: 1, since: start });
const abort: Abort = { kind: 'failed', why: 'it failed', by: 'a test', at: start };
const rollingBack = (different: Partial<Row> = {}): Row =>
  held({ phase: 'rollingBack', step: 1, abort, wanted: weighted(100), ...different });
const waiting = rollingBack({ abort: { ...abort, waits: true }, wanted: weighted(50) });
const committed = held({ phase: 'committed', step: last, wanted: weighted(0) });

const mine = { token: 7, now: settled };
const stale = { token: 6, now: settled };
const fleets = { blue: true, green: false };
const finish = { ...mine, outcome: 'failed', reason: 'because', fleets } as const;
const underway = `the service is held by ${name} under token 7, this step was started under 6`;
const anew = { publication: { ...b, asked: true }, execution, plan: plan(), endedAt: null, token: 7, now: settled };
const signal = { kind: 'approve', by: 'ann', at: start } as const;
const names = (question: string) => ({ ...signal, question });
const question = { id: 'q1', kinds: ['noTraffic'], step: 0, asked: start, until: null, why: 'nobody asked it' };
const asks = { kinds: ['noTraffic'], step: 0, until: null, why: 'nobody asked it', now: start };
const abortOf = (different: object) => ({
  ...b,
  kind: 'failed' as const,
  why: '',
  by: '',
  carries: both,
  now: start,
  ...different,
});
const inPhase = (phase: Phase, ...wanted: Phase[]) => `the phase is ${phase}, not ${wanted.join(' or ')}`;
const early: Phase[] = ['preparing', 'shifting', 'settling'];

type Refusal = [transition: keyof typeof protocol, guard: string, reason: string, decide: () => Decision];

const refusals: Refusal[] = [
  ['acquire', 'lockFree', `the service is held by ${name}`, () => protocol.acquire(held({ next: c }), undefined)],
  [
    'acquire',
    'lockFree',
    `the service is reserved by ${name}`,
    () => protocol.acquire({ ...reserved, next: c }, undefined),
  ],
  ['acquire', 'nextThere', 'no publication waits', () => protocol.acquire(row(), undefined)],
  [
    'reserveAgain',
    'reserved',
    'the service is free',
    () => protocol.reserveAgain(row({ token: 7 }), { ...mine, closed: true }),
  ],
  [
    'reserveAgain',
    'reserved',
    `the service is held by ${name}`,
    () => protocol.reserveAgain(held(), { ...mine, closed: true }),
  ],
  [
    'reserveAgain',
    'sameToken',
    'the token is 7, not 6 as read',
    () => protocol.reserveAgain(reserved, { ...stale, closed: true }),
  ],
  [
    'reserveAgain',
    'seenClosed',
    'its execution has not ended yet',
    () => protocol.reserveAgain(reserved, { ...mine, closed: false }),
  ],
  [
    'admit',
    'reservedForMe',
    `the service is free, not reserved for ${name}`,
    () => protocol.admit(row(), { ...b, execution, plan: plan(), now: start }),
  ],
  [
    'admit',
    'reservedForMe',
    `the service is reserved by ${name}, not reserved for ${b.release} attempt 2`,
    () => protocol.admit(reserved, { ...b, attempt: 2, execution, plan: plan(), now: start }),
  ],
  [
    'admit',
    'reservedForMe',
    `the service is reserved by ${name}, not reserved for ${c.release} attempt 1`,
    () => protocol.admit(reserved, { ...c, execution, plan: plan(), now: start }),
  ],
  [
    'admit',
    'reservedForMe',
    `the service is held by ${name}, not reserved for ${name}`,
    () => protocol.admit(held(), { ...b, execution: 'another', plan: plan(), now: start }),
  ],
  ['admitAnew', 'sameToken', 'the token is 0, not 7 as read', () => protocol.admitAnew(row(), anew)],
  ['admitAnew', 'lockFree', `the service is held by ${name}`, () => protocol.admitAnew(held(), anew)],
  [
    'admitAnew',
    'asked',
    `nobody has asked for ${b.release} since its last attempt ended`,
    () => protocol.admitAnew(row({ token: 7 }), { ...anew, endedAt: b.order }),
  ],
  [
    'takeOver',
    'held',
    'the service is free',
    () => protocol.takeOver(row({ token: 7 }), { ...mine, execution, closed: true, carries: both }),
  ],
  [
    'takeOver',
    'sameToken',
    'the token is 7, not 6 as read',
    () => protocol.takeOver(held(), { ...stale, execution, closed: true, carries: both }),
  ],
  [
    'takeOver',
    'seenClosed',
    'its execution has not ended yet',
    () => protocol.takeOver(held(), { ...mine, execution, closed: false, carries: both }),
  ],
  ['shift', 'mine', underway, () => protocol.shift(held(), { ...stale, step: 1, carries: both })],
  [
    'shift',
    'mine',
    `the service is reserved by ${name} under token 7, this step was started under 7`,
    () => protocol.shift({ ...reserved, phase: 'preparing', plan: plan() }, { ...mine, step: 1, carries: both }),
  ],
  [
    'shift',
    'beforeCommit',
    inPhase('committed', ...early),
    () => protocol.shift(committed, { ...mine, step: last, carries: both }),
  ],
  [
    'shift',
    'forward',
    "step 1 is before the row's step 2, or not in the plan",
    () => protocol.shift(held({ step: 2, phase: 'shifting' }), { ...mine, step: 1, carries: both }),
  ],
  [
    'shift',
    'forward',
    `step ${last + 1} is before the row's step 0, or not in the plan`,
    () => protocol.shift(held(), { ...mine, step: last + 1, carries: both }),
  ],
  [
    'shift',
    'forward',
    "step 1 is before the row's step 0, or not in the plan",
    () => protocol.shift(held({ plan: null }), { ...mine, step: 1, carries: both }),
  ],
  [
    'shift',
    'carries',
    'the new slot has too few healthy targets for this weight',
    () => protocol.shift(held(), { ...mine, step: 1, carries: { blue: true, green: false } }),
  ],
  [
    'abort',
    'held',
    `${c.release} attempt 1 does not hold the service; it is held by ${name}`,
    () => protocol.abort(held(), abortOf(c)),
  ],
  [
    'abort',
    'held',
    `${b.release} attempt 2 does not hold the service; it is held by ${name}`,
    () => protocol.abort(held(), abortOf({ attempt: 2 })),
  ],
  [
    'abort',
    'held',
    `${name} does not hold the service; it is reserved by ${name}`,
    () => protocol.abort(reserved, abortOf({})),
  ],
  ['abort', 'held', `${name} does not hold the service; it is free`, () => protocol.abort(row(), abortOf({}))],
  ['abort', 'beforeCommit', inPhase('rollingBack', ...early), () => protocol.abort(rollingBack(), abortOf({}))],
  [
    'stepAside',
    'held',
    `${name} does not hold the service; it is free`,
    () => protocol.stepAside(row(), { ...b, now: start }),
  ],
  [
    'stepAside',
    'preparing',
    inPhase('shifting', 'preparing'),
    () => protocol.stepAside(held({ phase: 'shifting', next: c }), { ...b, now: start }),
  ],
  [
    'stepAside',
    'once',
    'a rollout has already yielded since the last success; the next may not yield',
    () => protocol.stepAside(held({ steppedAside: true, next: c }), { ...b, now: start }),
  ],
  [
    'stepAside',
    'askedToo',
    `a person asked for ${b.release}; nobody asked for ${c.release}, which waits`,
    () =>
      protocol.stepAside(held({ lock: { state: 'held', publication: { ...b, asked: true }, execution }, next: c }), {
        ...b,
        now: start,
      }),
  ],
  ['stepAside', 'newerWaits', 'no publication waits', () => protocol.stepAside(held(), { ...b, now: start })],
  ['turn', 'mine', underway, () => protocol.turn(rollingBack(), { ...stale, carries: both })],
  [
    'turn',
    'rollingBack',
    inPhase('shifting', 'rollingBack'),
    () => protocol.turn(held({ phase: 'shifting', step: 1 }), { ...mine, carries: both }),
  ],
  [
    'turn',
    'hadTraffic',
    'the new slot never had a weight',
    () => protocol.turn(rollingBack({ step: 0 }), { ...mine, carries: both }),
  ],
  [
    'turn',
    'nothingCondemned',
    'green is being removed',
    () => protocol.turn(rollingBack({ condemned: 'green' }), { ...mine, carries: { blue: false, green: true } }),
  ],
  [
    'turn',
    'otherCarries',
    'blue carries, or green does not',
    () => protocol.turn(rollingBack(), { ...mine, carries: both }),
  ],
  [
    'turn',
    'otherCarries',
    'blue carries, or green does not',
    () => protocol.turn(rollingBack(), { ...mine, carries: neither }),
  ],
  [
    'turn',
    'otherCarries',
    'blue has too few healthy targets for more weight',
    () => protocol.turn(waiting, { ...mine, carries: neither, weight: 50 }),
  ],
  [
    'turn',
    'otherCarries',
    'blue has too few healthy targets for more weight',
    () => protocol.turn(waiting, { ...mine, carries: { blue: false, green: true } }),
  ],
  ['condemn', 'mine', underway, () => protocol.condemn(rollingBack(), { ...stale, slot: 'green', answers: neither })],
  [
    'condemn',
    'rollingBack',
    inPhase('settling', 'rollingBack'),
    () => protocol.condemn(held({ phase: 'settling' }), { ...mine, slot: 'green', answers: neither }),
  ],
  [
    'condemn',
    'noWeight',
    'blue has weight 100, or is about to get some',
    () => protocol.condemn(rollingBack(), { ...mine, slot: 'blue', answers: neither }),
  ],
  [
    'condemn',
    'noWeight',
    'blue has weight 0, or is about to get some',
    () => protocol.condemn({ ...waiting, wanted: weighted(0) }, { ...mine, slot: 'blue', answers: neither }),
  ],
  [
    'condemn',
    'quiet',
    'an earlier function may still act',
    () => protocol.condemn(rollingBack(), { ...mine, now: settled - 1, slot: 'green', answers: neither }),
  ],
  [
    'condemn',
    'otherAnswers',
    'green has the only healthy targets, blue has none yet',
    () =>
      protocol.condemn(
        { ...rollingBack(), step: 1 },
        { ...mine, now: settled, slot: 'green', answers: { blue: false, green: true } },
      ),
  ],
  ['commit', 'mine', underway, () => protocol.commit(held({ phase: 'settling' }), { ...stale, carries: both })],
  [
    'commit',
    'settling',
    inPhase('shifting', 'settling'),
    () => protocol.commit(held({ phase: 'shifting' }), { ...mine, carries: both }),
  ],
  [
    'commit',
    'newCarries',
    'the new slot has too few healthy targets for all traffic',
    () => protocol.commit(held({ phase: 'settling' }), { ...mine, carries: { blue: true, green: false } }),
  ],
  [
    'finish',
    'sameToken',
    'the token is 7, not 6 as read',
    () => protocol.finish(rollingBack(), { ...finish, ...stale }),
  ],
  ['finish', 'outcomeFits', 'nobody holds the service', () => protocol.finish(row({ token: 7 }), finish)],
  [
    'finish',
    'outcomeFits',
    'a reserved attempt cannot end live',
    () => protocol.finish(reserved, { ...finish, outcome: 'live' }),
  ],
  [
    'finish',
    'outcomeFits',
    'after commit a rollout ends live, not failed',
    () => protocol.finish(committed, { ...finish, fleets: { blue: false, green: true } }),
  ],
  [
    'finish',
    'outcomeFits',
    'a rollback cannot end live',
    () => protocol.finish(rollingBack({ condemned: 'green' }), { ...finish, outcome: 'live' }),
  ],
  [
    'finish',
    'outcomeFits',
    'a rollout cannot end in phase shifting',
    () => protocol.finish(held({ phase: 'shifting' }), finish),
  ],
  [
    'finish',
    'condemned',
    'the slot without weight has not been condemned',
    () => protocol.finish(rollingBack(), finish),
  ],
  [
    'finish',
    'emptied',
    'instances are left in green, which has no weight',
    () => protocol.finish(rollingBack({ condemned: 'green' }), { ...finish, fleets: both }),
  ],
  [
    'finish',
    'emptied',
    'instances are left in blue, which has no weight',
    () => protocol.finish(committed, { ...finish, outcome: 'live', fleets: both }),
  ],
  ['handOver', 'mine', underway, () => protocol.handOver(held(), { ...stale, execution: 'continue-checkout-6' })],
  ['sweep', 'lockFree', `the service is held by ${name}`, () => protocol.sweep(held(), { ...mine, now: start })],
  [
    'sweep',
    'sameToken',
    'the token is 7, not 6 as read',
    () => protocol.sweep(row({ token: 7 }), { ...stale, now: start }),
  ],
  ['park', 'mine', underway, () => protocol.park(held(), { ...stale, taskToken: 't' })],
  ['park', 'beforeCommit', inPhase('committed', ...early), () => protocol.park(committed, { ...mine, taskToken: 't' })],
  [
    'signal',
    'held',
    `${c.release} attempt 1 does not hold the service; it is held by ${name}`,
    () => protocol.signal(held(), { ...c, signal }),
  ],
  ['signal', 'beforeCommit', inPhase('rollingBack', ...early), () => protocol.signal(rollingBack(), { ...b, signal })],
  ['signal', 'asked', 'the rollout asks nothing at the moment', () => protocol.signal(held(), { ...b, signal })],
  [
    'signal',
    'asked',
    'its question has been answered already, and no other has been asked since',
    () => protocol.signal(held({ question, signals: [{ ...signal, question: 'q1' }] }), { ...b, signal: names('q1') }),
  ],
  [
    'signal',
    'asked',
    'its question has been answered already, and no other has been asked since',
    () => protocol.signal(held({ question, signals: [{ ...signal, kind: 'reject' }] }), { ...b, signal: names('q1') }),
  ],
  ...[names('q0'), signal, { ...names('q0'), kind: 'reject' as const }].map((one): (typeof refusals)[number] => [
    'signal',
    'asked',
    'the question has changed since; now it is: nobody asked it (cutover approve checkout --question q1)',
    () => protocol.signal(held({ question }), { ...b, signal: one }),
  ]),
  ['ask', 'mine', underway, () => protocol.ask(held(), { ...asks, ...stale })],
  ['ask', 'beforeCommit', inPhase('committed', ...early), () => protocol.ask(committed, { ...asks, ...mine })],
  [
    'ask',
    'sameStep',
    'step 0 is in force now, but the question is about step 1',
    () => protocol.ask(held(), { ...asks, ...mine, step: 1 }),
  ],
];

describe('refused is', () => {
  test.each(refusals)('%s by %s: %s', (_, guard, reason, decide) => {
    expect(decide()).toEqual({ ok: false, guard, reason });
  });

  test('something by every guard that there is', () => {
    const seen = new Set(refusals.map(([transition, guard]) => `${transition} ${guard}`));
    const all = Object.entries(guards).flatMap(([transition, of]) =>
      Object.keys(of).map((guard) => `${transition} ${guard}`),
    );
    expect([...seen].sort()).toEqual(all.sort());
  });
});

describe('granted is', () => {
  const granted: [string, () => Decision][] = [
    [
      'a commit, once the new slot carries all',
      () => protocol.commit(held({ phase: 'settling' }), { ...mine, carries: { blue: false, green: true } }),
    ],
    [
      'the step in force, whatever carries by now',
      () => protocol.shift(held({ step: 1, phase: 'shifting' }), { ...mine, step: 1, carries: neither }),
    ],
    [
      'the end of a reserved attempt that is refused',
      () => protocol.finish(reserved, { ...finish, outcome: 'refused' }),
    ],
    [
      'the end of a reserved attempt that has failed, whatever stands',
      () => protocol.finish(reserved, { ...finish, fleets: both }),
    ],
    ['the end of a rollback', () => protocol.finish(rollingBack({ condemned: 'green' }), finish)],
    [
      'the end of one that gave way',
      () => protocol.finish(rollingBack({ condemned: 'green' }), { ...finish, outcome: 'superseded' }),
    ],
    [
      'the end of what is committed',
      () => protocol.finish(committed, { ...finish, outcome: 'live', fleets: { blue: false, green: true } }),
    ],
    [
      'a fresh attempt that was asked for since the last one ended',
      () => protocol.admitAnew(row({ token: 7 }), { ...anew, endedAt: b.order - 1 }),
    ],
    [
      'a turn to the slot that carries alone',
      () => protocol.turn(rollingBack(), { ...mine, carries: { blue: false, green: true } }),
    ],
    [
      'a turn to an old fleet that carries more by now',
      () => protocol.turn(waiting, { ...mine, carries: neither, weight: 51 }),
    ],
    [
      'a turn to an old fleet that carries all by now',
      () => protocol.turn(waiting, { ...mine, carries: { blue: true, green: false } }),
    ],
    ...early.map((phase): [string, () => Decision] => [
      `a token to park while ${phase}`,
      () => protocol.park(held({ phase }), { ...mine, taskToken: 't' }),
    ]),
  ];
  test.each(granted)('%s', (_, decide) => {
    expect(decide().ok).toBe(true);
  });
});

describe('a row', () => {
  test('is quiet once what began before its last decision can act no more', () => {
    expect([quiet(held(), settled - 1), quiet(held(), settled)]).toEqual([false, true]);
    expect([quiet(held(), start + 4, 5), quiet(held(), start + 5, 5)]).toEqual([false, true]);
    expect(quiet(row(), start)).toBe(true);
    expect([start, settled - 1, settled, settled + 1].map((now) => untilQuiet(held(), now))).toEqual([
      settled - start,
      1,
      0,
      0,
    ]);
    expect(untilQuiet(row(), start)).toBe(0);
  });

  test('is before its commit until it has gone one way or the other', () => {
    const phases: Phase[] = ['free', 'preparing', 'shifting', 'settling', 'committed', 'rollingBack'];
    expect(phases.filter((phase) => beforeCommit(held({ phase })))).toEqual(early);
  });

  test('is held by the one execution that was admitted', () => {
    expect([isHeldBy(held(), execution), isHeldBy(held(), 'another'), isHeldBy(reserved, execution)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([holderOf(held()), holderOf(reserved), holderOf(row())]).toEqual([b, b, null]);
  });

  test('begins with the weights as found, and with nothing else', () => {
    expect(firstRow('shop', { blue: 30, green: 70 }, start)).toEqual({
      service: 'shop',
      token: 0,
      live: null,
      next: null,
      wanted: { weights: { blue: 30, green: 70 }, seq: 0, since: start },
      step: 0,
      condemned: null,
      lock: { state: 'free' },
      phase: 'free',
      plan: null,
      limits: null,
      abort: null,
      steppedAside: false,
      raised: [],
      question: null,
      signals: [],
      parked: [],
    });
  });

  test('has two slots, of which the heavier counts', () => {
    expect([otherSlot('blue'), otherSlot('green')]).toEqual(['green', 'blue']);
    expect([allOn('blue'), allOn('green')]).toEqual([
      { blue: 100, green: 0 },
      { blue: 0, green: 100 },
    ]);
    expect([49, 50, 51].map((green) => fullSlot({ blue: 100 - green, green }))).toEqual(['blue', 'blue', 'green']);
  });

  test.each<[string, Partial<Row>, boolean]>([
    ['as it was', {}, true],
    ['with other weights decided', { wanted: { ...row().wanted, seq: 9 } }, true],
    ['reserved', { lock: { state: 'reserved', publication: b } }, false],
    ['held', { lock: { state: 'held', publication: b, execution } }, false],
    ['under another token', { token: 1 }, false],
    ['with another release live', { live: live('c') }, false],
    ['with the same release live in the other slot', { live: live('a', { slot: 'green' }) }, false],
    ['with nothing live', { live: null }, false],
  ])('is at rest still, or not: %s', (_, change, still) => {
    expect(isStillLive(row(change), row())).toBe(still);
    expect(isStillLive(row({ live: null }), row({ live: null }))).toBe(true);
    expect(isStillLive(row(), row({ live: null }))).toBe(false);
  });

  test('names an execution after its service, release and attempt', () => {
    expect(executionName('shop', publication('b', { attempt: 3 }))).toBe('shop-bbbbbbbbbbbb-3');
  });
});

describe('what is written', () => {
  const rowAfter = (decision: Decision): Row => {
    if (!decision.ok) throw new Error(decision.reason);
    return decision.row;
  };

  test('by the end of a reserved attempt leaves what is live and its limits', () => {
    const limits = {
      blue: { min: 1, max: 2, desired: 1, suspended: [] },
      green: { min: 0, max: 2, desired: 0, suspended: [] },
    };
    const ended = protocol.finish({ ...reserved, limits }, { ...finish, outcome: 'refused', fleets: neither });
    expect(rowAfter(ended)).toMatchObject({ live: live('a'), limits, lock: { state: 'free' } });
  });

  test('by an admission is a plan of that attempt, and nothing of the one before', () => {
    const left = { ...reserved, abort, condemned: 'green' as const, parked: ['t'], signals: [signal], step: 3 };
    const request = { ...b, execution, plan: plan({ attempt: 9, release: 'other' }), now: start };
    expect(rowAfter(protocol.admit(left, request))).toMatchObject({
      plan: { attempt: 1, release: b.release },
      limits: null,
      abort: null,
      condemned: null,
      parked: [],
      raised: [],
      signals: [],
      step: 0,
    });
  });

  test('by who takes over says why it goes back, and wakes nobody who slept', () => {
    const request = { ...mine, execution: 'recovery', closed: true, carries: both };
    const taken = rowAfter(protocol.takeOver(held({ phase: 'shifting', step: 1, parked: ['t'] }), request));
    expect(taken).toMatchObject({
      lock: { execution: 'recovery' },
      parked: [],
      abort: { kind: 'failed', why: 'its execution ended while shifting', by: 'recovery', at: settled },
    });
    const shrunk = held({ phase: 'shifting', step: 1, wanted: weighted(50) });
    expect(rowAfter(protocol.takeOver(shrunk, { ...request, carries: neither, holds: true }))).toMatchObject({
      abort: { waits: true },
      wanted: { weights: { blue: 50, green: 50 } },
    });
  });

  test('by a sweep sets its time, so that the next fleet is younger, and drops the scaling bounds', () => {
    const limits = {
      blue: { min: 1, max: 2, desired: 1, suspended: [] },
      green: { min: 0, max: 2, desired: 0, suspended: [] },
    };
    expect(rowAfter(protocol.sweep(row({ limits }), { token: row().token, now: settled }))).toEqual(
      row({ wanted: { ...row().wanted, since: settled } }),
    );
  });

  test('by who hands over is the execution that goes on, under a token of its own', () => {
    const from = held({ phase: 'shifting', step: 1, parked: ['t'] });
    const next = continuationName(from, 7);
    expect(next).toBe('continue-checkout-7');
    expect([isContinuation(next), isContinuation(execution)]).toEqual([true, false]);
    expect(rowAfter(protocol.handOver(from, { ...mine, execution: next }))).toEqual({
      ...from,
      token: 8,
      lock: { state: 'held', publication: b, execution: next },
      parked: [],
    });
  });

  test('by who is superseded says by whom, and who asked again keeps waiting', () => {
    const reasonsOf = (decision: Decision) => (decision.ok ? decision.records.map(({ reason }) => reason) : []);
    expect(reasonsOf(protocol.publish(row({ next: b }), { publication: c, now: start }))).toEqual([
      `${c.release} was published after it`,
    ]);
    expect(reasonsOf(protocol.publish(row({ next: c }), { publication: b, now: start }))).toEqual([
      `${c.release} is newer`,
    ]);
    expect(reasonsOf(protocol.admitAnew(row({ next: c, token: 7 }), anew))).toEqual([
      `${b.release} was asked for after it`,
    ]);
    expect(reasonsOf(protocol.reserveAgain(reserved, { ...mine, closed: true }))).toEqual([
      'its execution ended before it was admitted',
    ]);
    const aside = rowAfter(protocol.stepAside(held({ next: c }), { ...b, by: c.release, now: start }));
    expect(aside.abort).toEqual({
      kind: 'superseded',
      why: `${c.release} was published before it had traffic`,
      by: c.release,
      at: start,
    });
  });
});
