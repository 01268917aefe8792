/** Any sequence of requests, sensible or not: what the row keeps to, whoever asks for what. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { canary } from '../../../core/index.ts';
import { planOf } from '../../../core/plan/planning.ts';
import { type Decision, protocol } from '../../../core/protocol/protocol.ts';
import type { Phase, Row } from '../../../core/protocol/row.ts';
import { type AttemptRecord, holderOf, type Publication } from '../../../core/release/publications.ts';
import { live, publication, row, service, start, underToken } from '../build.ts';

/** A weight of one half, then all. */
const configuration = service({ strategy: canary([50]) });

/** What one request brings along. What names the holder or its token does so nearly always; else it is somebody's who comes late. */
interface Chance {
  kind: keyof typeof protocol;
  digit: string;
  asked: boolean;
  stale: boolean;
  carries: { blue: boolean; green: boolean };
  holds: boolean;
  fleets: { blue: boolean; green: boolean };
  slot: 'blue' | 'green';
  again: boolean;
  weight: number;
  seconds: number;
}

const often = fc.integer({ min: 1, max: 8 }).map((die) => die > 1);
const rarely = often.map((is) => !is);
const carrying = fc
  .constantFrom('both', 'both', 'both', 'both', 'blue', 'green', 'none')
  .map((who) => ({ blue: who === 'both' || who === 'blue', green: who === 'both' || who === 'green' }));

const chances: fc.Arbitrary<Chance> = fc.record({
  kind: fc.constantFrom(
    ...(['publish', 'publish', 'acquire', 'acquire', 'admit', 'admit', 'shift', 'shift', 'shift'] as const),
    ...(['commit', 'commit', 'finish', 'finish', 'condemn', 'condemn', 'abort', 'turn', 'turn', 'takeOver'] as const),
    ...([
      'reserveAgain',
      'admitAnew',
      'stepAside',
      'edit',
      'park',
      'ask',
      'signal',
      'adopt',
      'giveBack',
      'sweep',
      'handOver',
    ] as const),
  ),
  digit: fc.constantFrom('a', 'b', 'c', 'd'),
  asked: fc.boolean(),
  stale: rarely,
  carries: carrying,
  holds: rarely,
  fleets: fc.constantFrom({ blue: true, green: false }, { blue: false, green: true }, { blue: true, green: true }),
  slot: fc.constantFrom('blue', 'green'),
  again: rarely,
  weight: fc.integer({ min: 1, max: 99 }),
  seconds: fc.integer({ min: 0, max: 200 }),
});

/** The protocol as its callers use it: an attempt is one more than those on record. `read`: the row that the request was made from. */
const ask = (from: Row, chance: Chance, now: number, records: readonly AttemptRecord[], read: Row = from): Decision => {
  const { kind, digit, asked, stale, carries, holds, fleets, slot, again, weight } = chance;
  const attempt = 1 + Math.max(0, ...records.filter(({ release }) => release[0] === digit).map((one) => one.attempt));
  const wanted = publication(digit, { attempt, asked, order: now });
  const holding = stale ? { release: digit.repeat(12), attempt } : (holderOf(read) ?? wanted);
  const token = stale ? read.token - 1 : read.token;
  const execution = `execution-${now}`;
  const planFor = (of: Publication) =>
    planOf({
      service: configuration,
      publication: of,
      row: read,
      observed: { ours: read.live === null ? 0 : 4, foreign: 0 },
      limits: null,
      template: null,
      alarmsOn: [],
      now,
    });
  const { release } = holding;
  switch (kind) {
    case 'publish':
      return protocol.publish(from, { publication: wanted, now });
    case 'acquire':
      return protocol.acquire(from, undefined);
    case 'reserveAgain':
      return protocol.reserveAgain(from, { token, closed: !again, now });
    case 'admit':
      return protocol.admit(from, { ...holding, execution, plan: planFor(holderOf(read) ?? wanted), now });
    case 'admitAnew':
      return protocol.admitAnew(from, {
        publication: wanted,
        execution,
        plan: planFor(wanted),
        endedAt: null,
        token,
        now,
      });
    case 'takeOver':
      return protocol.takeOver(from, { token, execution, closed: !again, carries, holds, now });
    case 'shift':
      return protocol.shift(from, { token, step: read.step + (again ? 0 : 1), carries, now });
    case 'abort':
      return protocol.abort(from, { ...holding, kind: 'failed', why: 'it failed', by: 'a test', carries, holds, now });
    case 'stepAside':
      return protocol.stepAside(from, { release, attempt: holding.attempt, by: 'a test', now });
    case 'turn':
      return protocol.turn(from, { token, carries, weight, now });
    case 'condemn':
      return protocol.condemn(from, { token, slot, answers: carries, now });
    case 'commit':
      return protocol.commit(from, { token, carries });
    case 'finish': {
      const outcome = read.phase === 'committed' ? 'live' : 'failed';
      return protocol.finish(from, { token, outcome: stale ? 'superseded' : outcome, reason: 'because', fleets, now });
    }
    case 'edit':
      return protocol.edit(from, { now });
    case 'park':
      return protocol.park(from, { token, taskToken: `token-${now}` });
    case 'signal':
      return protocol.signal(from, {
        ...holding,
        signal: { kind: 'approve', by: 'ann', at: now, ...(read.question && { question: read.question.id }) },
      });
    case 'ask':
      return protocol.ask(from, {
        token,
        kinds: [again ? 'approval' : 'noTraffic'],
        step: read.step,
        until: null,
        why: 'why',
        now,
      });
    case 'adopt':
      return protocol.adopt(from, { live: live('f', { slot }), now });
    case 'giveBack':
      return protocol.giveBack(from, undefined);
    case 'sweep':
      return protocol.sweep(from, { token, now });
    case 'handOver':
      return protocol.handOver(from, { token, execution: `continue-checkout-${token}` });
    default:
      return kind satisfies never;
  }
};

interface Step {
  chance: Chance;
  now: number;
  before: Row;
  decision: Decision;
  after: Row;
  /** On record before it. */
  records: readonly AttemptRecord[];
}

/** Nothing may be changed in place: what is read from the ledger is compared with what is there when it is written. */
const frozen = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
};

const walked = (all: readonly Chance[], first: Row): Step[] => {
  const steps: Step[] = [];
  let [before, now, records] = [frozen(first), start, [] as AttemptRecord[]];
  for (const chance of all) {
    now += chance.seconds * 1000 + 1;
    const decision = ask(before, chance, now, records);
    const after = frozen(decision.ok ? decision.row : before);
    steps.push({ chance, now, before, decision, after, records });
    if (decision.ok) records = [...records, ...decision.records];
    before = after;
  }
  return steps;
};

const walks = fc
  .tuple(fc.array(chances, { minLength: 20, maxLength: 60 }), fc.boolean())
  .map(([all, first]) => walked(all, row(first ? { live: null } : {})));

const holds = (property: (step: Step) => void): void =>
  fc.assert(
    fc.property(walks, (steps) => steps.forEach(property)),
    { seed: 1, numRuns: 60 },
  );

const next: Record<Phase, readonly Phase[]> = {
  free: ['preparing'],
  preparing: ['shifting', 'settling', 'rollingBack'],
  shifting: ['settling', 'rollingBack'],
  settling: ['committed', 'rollingBack'],
  committed: ['free'],
  rollingBack: ['free'],
};

describe('whatever is asked, in whatever order', () => {
  let all: Step[];
  beforeAll(() => {
    all = fc.sample(walks, { seed: 1, numRuns: 300 }).flat();
  });

  test('the walks take every edge between phases, and see every request granted and refused', () => {
    const edges = new Set(all.map(({ before, after }) => `${before.phase} → ${after.phase}`));
    for (const [from, to] of Object.entries(next))
      for (const phase of to) expect(edges).toContain(`${from} → ${phase}`);
    const granted = new Set(
      all.flatMap(({ chance, decision }) => (decision.ok && decision.changed ? [chance.kind] : [])),
    );
    expect([...granted].sort()).toEqual(Object.keys(protocol).sort());
    const refusing = Object.keys(protocol).filter((kind) => !['publish', 'adopt', 'giveBack', 'edit'].includes(kind));
    const refused = new Set(all.flatMap(({ chance, decision }) => (decision.ok ? [] : [chance.kind])));
    expect([...refused].sort()).toEqual(refusing.sort());
  });

  test('a refusal says which guard and why', () => {
    holds(({ decision }) => {
      if (decision.ok) return;
      expect(decision.guard).toMatch(/^\w+$/);
      expect(decision.reason).toMatch(/\w+ \w+/);
    });
  });

  test('what is said to be unchanged is the very row', () => {
    holds(({ before, decision }) => {
      if (decision.ok && !decision.changed) expect(decision.row).toBe(before);
    });
  });

  test('what is to be written is said to be changed', () => {
    holds(({ before, decision }) => {
      if (!decision.ok) return;
      const differs = JSON.stringify(decision.row) !== JSON.stringify(before) || decision.records.length > 0;
      if (differs) expect(decision.changed).toBe(true);
    });
  });

  test('the phase moves along its edges only', () => {
    holds(({ before, after }) => {
      if (after.phase !== before.phase) expect(next[before.phase]).toContain(after.phase);
    });
  });

  test('a holder, a plan and a phase are there together or not at all', () => {
    holds(({ after: { lock, phase, plan } }) => {
      expect([phase !== 'free', plan !== null]).toEqual(Array(2).fill(lock.state === 'held'));
    });
  });

  test('the token grows by one with each change of holder, and with nothing else', () => {
    holds(({ before, after }) => {
      // A person who asks for what is on its way changes what is said of the holder, and not the holder.
      const holder = (of: Row) => {
        const { lock } = of;
        const held = holderOf(of);
        return [lock.state, held?.release, held?.attempt, lock.state === 'held' && lock.execution].join();
      };
      const changed = holder(before) !== holder(after);
      expect(after.token).toBe(before.token + (changed ? 1 : 0));
    });
  });

  test('under an old token nothing is decided', () => {
    holds(({ chance, decision }) => {
      if (chance.stale && underToken.includes(chance.kind)) expect(decision.ok).toBe(false);
    });
  });

  test('both weights are 100 together, and a change of weights is a decision of its moment', () => {
    holds(({ before: { wanted: was }, after: { wanted: is }, now }) => {
      expect(is.weights.blue + is.weights.green).toBe(100);
      expect(Math.min(is.weights.blue, is.weights.green)).toBeGreaterThanOrEqual(0);
      expect(is.seq - was.seq).toBeGreaterThanOrEqual(0);
      expect(is.since).toBeGreaterThanOrEqual(was.since);
      if (JSON.stringify(is.weights) !== JSON.stringify(was.weights))
        expect(is).toMatchObject({ seq: was.seq + 1, since: now });
    });
  });

  test('no slot but the old one gets more weight than it was seen to carry', () => {
    holds(({ chance, before, after }) => {
      const fresh = before.plan?.new.slot;
      if (fresh === undefined || after.wanted.weights[fresh] <= before.wanted.weights[fresh]) return;
      if (before.plan?.old.kind !== 'none') expect(chance.carries[fresh]).toBe(true);
    });
  });

  test('once committed, no weight changes and nothing but live is its end', () => {
    holds(({ before, after, decision }) => {
      if (before.phase !== 'committed') return;
      expect(after.wanted.weights).toEqual(before.wanted.weights);
      if (after.phase === 'free' && decision.ok) {
        expect(decision.records).toMatchObject([{ outcome: 'live', release: before.plan?.release }]);
      }
    });
  });

  test('no publication is lost: who held or waited does so still, or is on record', () => {
    holds(({ before, after, decision }) => {
      const ended = decision.ok ? decision.records.map(({ release }) => release) : [];
      const open = [holderOf(after)?.release, after.next?.release, ...ended];
      for (const one of [holderOf(before), before.next]) if (one !== null) expect(open).toContain(one.release);
    });
  });

  test('what is published waits, is on its way or live already, or is on record as superseded', () => {
    holds(({ chance, after, decision }) => {
      if (chance.kind !== 'publish' || !decision.ok) return;
      const known = [holderOf(after), after.next, after.live, ...decision.records].map((one) => one?.release);
      expect(known).toContain(chance.digit.repeat(12));
    });
  });

  test('no attempt is on record twice', () => {
    holds(({ decision, records }) => {
      const known = records.map(({ release, attempt }) => `${release}-${attempt}`);
      for (const { release, attempt } of decision.ok ? decision.records : [])
        expect(known).not.toContain(`${release}-${attempt}`);
    });
  });

  test('who is free keeps nothing of what was', () => {
    holds(({ after }) => {
      if (after.phase !== 'free') return;
      expect(after).toMatchObject({ step: 0, abort: null, condemned: null, signals: [], parked: [] });
    });
  });

  test('only what rolls back is aborted, and nothing is condemned that has weight', () => {
    holds(({ after: { phase, abort, condemned, wanted } }) => {
      expect(abort !== null).toBe(phase === 'rollingBack');
      if (condemned !== null) expect([phase, wanted.weights[condemned]]).toEqual(['rollingBack', 0]);
    });
  });

  test('what is live stands where all the traffic goes', () => {
    holds(({ after: { live: serving, phase, wanted } }) => {
      if (phase === 'free' && serving !== null) expect(wanted.weights[serving.slot]).toBe(100);
    });
  });

  test('asked the same again, nobody else holds the service and no weight changes', () => {
    holds(({ chance, now, before, decision, after, records }) => {
      if (!decision.ok) return;
      const again = ask(after, chance, now, records, before);
      if (again.ok) expect(again.row).toMatchObject({ token: after.token, wanted: after.wanted, lock: after.lock });
    });
  });

  test('what is kept for those who wait and for what was said is bounded', () => {
    const many = Array.from({ length: 30 }, (_, index) => index);
    const held = row({
      lock: { state: 'held', publication: publication('b'), execution: 'x' },
      phase: 'preparing',
      token: 1,
    });
    const full = many.reduce((from, index) => {
      const parked = protocol.park(from, { token: 1, taskToken: String(index) });
      const asked = { release: publication('b').release, attempt: 1 };
      const told = protocol.signal(parked.ok ? parked.row : from, {
        ...asked,
        signal: { kind: 'reject', by: String(index), at: start },
      });
      return told.ok ? told.row : from;
    }, held);
    expect(full.parked).toEqual(['25', '26', '27', '28', '29']);
    expect(full.signals.map(({ by }) => Number(by))).toEqual(many.slice(-20));
  });
});
