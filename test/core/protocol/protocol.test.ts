/** What the transitions of the row protocol write. That their guards are right and needed is searched in test/model. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOn } from '../../../core/basics/slot.ts';
import { type Carries, type Decision, protocol, untilInForce, untilQuiet } from '../../../core/protocol/protocol.ts';
import { firstRow, type Row } from '../../../core/protocol/row.ts';
import type { Publication } from '../../../core/release/publications.ts';
import { live, plan, publication, row, start } from '../build.ts';

const now = start + 3_600_000;
const both: Carries = { blue: true, green: true };
const neither: Carries = { blue: false, green: false };
const execution = 'checkout-bbbbbbbbbbbb-1';

const rowAfter = (decision: Decision): Row => {
  if (!decision.ok) throw new Error(`refused by ${decision.guard}: ${decision.reason}`);
  return decision.row;
};
const ended = (decision: Decision): string[] =>
  decision.ok ? decision.records.map(({ release, attempt, outcome }) => `${release[0]}${attempt} ${outcome}`) : [];
const b = publication('b', { order: start + 1 });

/** Release `b` holds the service, over release `a` in blue. */
const held = (different: Partial<Row> = {}): Row =>
  row({ lock: { state: 'held', publication: b, execution }, token: 7, phase: 'preparing', plan: plan(), ...different });
const last = plan().steps.length;
const shifted = (step: number): Row =>
  rowAfter(protocol.shift(held({ step: step - 1, phase: 'shifting' }), { token: 7, now, step, carries: both }));
const aborted = (from: Row, carries: Carries): Row =>
  rowAfter(protocol.abort(from, { ...b, kind: 'failed', why: 'it failed', by: 'a test', carries, now }));
const publish = (onto: Row, published: Publication): Decision =>
  protocol.publish(onto, { publication: published, now });

describe('P1: publish', () => {
  const newer = publication('c', { order: start + 2 });
  const older = publication('0', { order: start - 1 });

  it('becomes next on a free service, which stays free', () => {
    expect(rowAfter(publish(row(), b))).toMatchObject({
      next: b,
      lock: { state: 'free' },
      live: { release: live('a').release },
    });
  });

  it.each<[string, Row, Publication, string | null, string[]]>([
    ['older than what is live: superseded at once', row(), older, null, ['01 superseded']],
    ['older than the holder: superseded at once', held({ live: null }), older, null, ['01 superseded']],
    [
      'older than what waits: superseded at once',
      held({ next: newer, live: null, lock: { state: 'free' } }),
      b,
      'c',
      ['b1 superseded'],
    ],
    ['older, but a person asked: next', held(), { ...older, asked: true }, '0', []],
    ['newer than what waits: displaces it', row({ next: b }), newer, 'c', ['b1 superseded']],
    ['live already: nothing', row(), publication('a'), null, []],
    ['live already, but a person asked: next', row(), publication('a', { attempt: 2, asked: true }), 'a', []],
    ['live, and older than the holder: nothing', held(), publication('a', { attempt: 2 }), null, []],
    ['held already: merged', held(), b, null, []],
    ['waiting already: merged', row({ next: b }), b, 'b', []],
    ['the first ever: next', row({ live: null }), b, 'b', []],
    ['as old as what is live: next', row(), publication('b'), 'b', []],
    ['waiting already, though older than the holder: stays', held({ next: older, live: null }), older, '0', []],
    ['held already, though older than what waits: stays', held({ next: newer, live: null }), b, 'c', []],
    ['live already, while another is on its way: next', held(), publication('a', { order: now, attempt: 2 }), 'a', []],
    [
      'live already, while another waits: displaces it',
      row({ next: b }),
      publication('a', { order: now, attempt: 2 }),
      'a',
      ['b1 superseded'],
    ],
    [
      'held already, while it gives way: next again',
      held({ abort: { kind: 'superseded', why: '', by: '', at: now } }),
      b,
      'b',
      [],
    ],
    [
      'held already, asked for again: what came in between gives way',
      held({ next: newer }),
      { ...b, attempt: 2, asked: true },
      null,
      ['c1 superseded'],
    ],
  ])('%s', (_, onto, published, next, records) => {
    const decision = publish(onto, published);
    expect(rowAfter(decision).next?.release[0] ?? null).toBe(next);
    expect(ended(decision)).toEqual(records);
  });

  it('of what nobody asked for leaves what a person asked for in its place', () => {
    const asked = { ...b, asked: true };
    const decision = publish(row({ next: asked }), newer);
    expect(rowAfter(decision).next).toEqual(asked);
    expect(decision).toMatchObject({ records: [{ release: newer.release, outcome: 'superseded' }] });
    expect(rowAfter(publish(row({ next: asked }), { ...newer, asked: true })).next?.release).toBe(newer.release);
  });

  it('of a person makes what is on its way already asked for, from that time on', () => {
    const lock = rowAfter(publish(held(), { ...b, asked: true, order: now })).lock;
    expect(lock).toMatchObject({ state: 'held', publication: { attempt: b.attempt, asked: true, order: now } });
  });

  it('of two images that share a release numbers their attempts apart', () => {
    const twin = { ...b, image: { reference: `${b.image.reference.slice(0, -1)}f`, label: 'twin' }, order: start + 2 };
    const waiting = rowAfter(publish(held(), twin));
    expect(waiting.next).toMatchObject({ image: twin.image, attempt: b.attempt + 1 });
    const replaced = publish(row({ next: b }), twin);
    expect(rowAfter(replaced).next).toMatchObject({ image: twin.image, attempt: b.attempt + 1 });
    expect(replaced).toMatchObject({ records: [{ image: b.image, attempt: b.attempt }] });
  });

  it('keeps the later order and the person of two that merge', () => {
    const asked = { ...b, asked: true, order: now };
    expect(rowAfter(publish(row({ next: b }), asked)).next).toMatchObject({ asked: true, order: now, attempt: 1 });
    expect(rowAfter(publish(row({ next: asked }), b)).next).toMatchObject({ asked: true, order: now, attempt: 1 });
  });

  it('is asked for by nobody while nobody asks', () => {
    expect(rowAfter(publish(row({ next: b }), b)).next?.asked).toBe(false);
  });

  it('that is on its way already changes nothing, and says so', () => {
    expect(publish(held(), b)).toMatchObject({ ok: true, changed: false, records: [] });
    expect(publish(held({ next: newer }), b)).toMatchObject({ ok: true, changed: false, records: [] });
    expect(publish(row(), b)).toMatchObject({ ok: true, changed: true, records: [] });
    expect(publish(row(), older)).toMatchObject({ ok: true, changed: true });
  });

  it('asked for while its own attempt is rolled back is a further attempt', () => {
    const rollingBack = aborted(held(), both);
    expect(rowAfter(publish(rollingBack, { ...b, asked: true })).next).toMatchObject({
      release: b.release,
      attempt: 2,
    });
    expect(rowAfter(publish(rollingBack, b)).next).toBeNull();
  });

  it('never loses one, whatever the order they come in', () => {
    const published = fc.record({
      digit: fc.constantFrom('a', 'b', 'c', 'd'),
      order: fc.integer({ min: -3, max: 3 }),
      asked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(published, { maxLength: 8 }), fc.boolean(), (all, busy) => {
        const accounted = new Set<string>();
        let current = busy ? held() : row();
        for (const [index, { digit, order, asked }] of all.entries()) {
          const before = current.next;
          const p = publication(digit, { order: start + order, asked, attempt: index + 10 });
          const decision = publish(current, p);
          current = rowAfter(decision);
          const records = decision.ok ? decision.records.map(({ release, attempt }) => `${release}-${attempt}`) : [];
          for (const record of records) {
            expect(accounted).not.toContain(record);
            accounted.add(record);
          }
          if (before !== null && before.attempt !== current.next?.attempt)
            expect(records).toContain(`${before.release}-${before.attempt}`);
          const known = [current.next?.release, current.live?.release, busy ? b.release : undefined].includes(
            p.release,
          );
          if (!known) expect(records).toContain(`${p.release}-${p.attempt}`);
        }
      }),
    );
  });
});

describe('P2 to P6: who holds the service', () => {
  it('P2: acquiring reserves what waits, under a new token', () => {
    expect(rowAfter(protocol.acquire(row({ next: b, token: 3 }), undefined))).toMatchObject({
      next: null,
      token: 4,
      lock: { state: 'reserved', publication: b },
    });
  });

  it('P3: a reserved attempt whose execution closed is recorded, and the next number reserved', () => {
    const decision = protocol.reserveAgain(row({ lock: { state: 'reserved', publication: b }, token: 4 }), {
      token: 4,
      closed: true,
      now,
    });
    expect(ended(decision)).toEqual(['b1 failed']);
    expect(rowAfter(decision)).toMatchObject({ token: 5, lock: { state: 'reserved', publication: { attempt: 2 } } });
  });

  it('P4: the reserved attempt is let in once, and told the same when it asks again', () => {
    const request = { ...b, execution, plan: plan(), now };
    const admitted = rowAfter(protocol.admit(row({ lock: { state: 'reserved', publication: b }, token: 4 }), request));
    expect(admitted).toMatchObject({ token: 5, phase: 'preparing', step: 0, lock: { state: 'held', execution } });
    expect(protocol.admit(admitted, request)).toMatchObject({ ok: true, changed: false, row: admitted });
  });

  it('P5: a fresh attempt takes what waits of its own release along, and supersedes another', () => {
    const asked = { ...b, asked: true, order: now };
    const request = { publication: asked, execution, plan: plan(), endedAt: null, token: 0, now };
    const over = (next: Publication) => protocol.admitAnew(row({ next }), request);
    expect(ended(over(b))).toEqual([]);
    expect(rowAfter(over(b)).next).toBeNull();
    expect(ended(over(publication('c')))).toEqual(['c1 superseded']);
  });

  it.each([
    ['asked for before the last attempt ended', { order: now, asked: true }, now + 1, 'asked'],
    ['asked for by nobody', { order: now, asked: false }, null, 'asked'],
  ])('P5: %s, nothing starts', (_, different, endedAt, guard) => {
    const request = { publication: { ...b, ...different }, execution, plan: plan(), endedAt, token: 0, now };
    expect(protocol.admitAnew(row(), request)).toMatchObject({ ok: false, guard });
  });

  it('P6: whoever takes over goes back, unless it was committed', () => {
    const request = { token: 7, execution: 'recovery', closed: true, carries: both, now };
    expect(rowAfter(protocol.takeOver(shifted(1), request))).toMatchObject({
      token: 8,
      phase: 'rollingBack',
      wanted: { weights: allOn('blue'), since: now },
    });
    const committed = held({
      phase: 'committed',
      step: last,
      wanted: { weights: allOn('green'), seq: 4, since: start },
    });
    expect(rowAfter(protocol.takeOver(committed, request))).toMatchObject({
      token: 8,
      phase: 'committed',
      abort: null,
      wanted: committed.wanted,
    });
  });
});

describe('P7 to P12: weights', () => {
  it('P7: each step gives its weight, the last one settles', () => {
    for (const [index, { weight }] of plan().steps.entries())
      expect(shifted(index + 1)).toMatchObject({
        step: index + 1,
        phase: index + 1 === last ? 'settling' : 'shifting',
        wanted: { weights: { green: weight, blue: 100 - weight }, seq: 1, since: now },
      });
  });

  it('P7: the step in force is the same answer again, any other is refused', () => {
    const inForce = shifted(last);
    const again = { token: 7, now: now + 1, carries: both };
    expect(protocol.shift(inForce, { ...again, step: last })).toMatchObject({ ok: true, changed: false });
    expect(protocol.shift(inForce, { ...again, step: last - 1 })).toMatchObject({ ok: false, guard: 'forward' });
    expect(protocol.shift(inForce, { ...again, step: last + 1 })).toMatchObject({ ok: false, guard: 'forward' });
  });

  const noOld = plan({ old: { slot: 'blue', kind: 'none', release: null, count: 0 } });
  it.each<[string, Row, Carries, 'blue' | 'green']>([
    ['the old one carries', shifted(1), both, 'blue'],
    ['neither carries', shifted(1), { blue: false, green: false }, 'blue'],
    ['only the new one carries', shifted(1), { blue: false, green: true }, 'green'],
    ['only the new one carries, but it never had traffic', held(), { blue: false, green: true }, 'blue'],
    ['there is no old one', { ...shifted(1), plan: noOld }, { blue: false, green: false }, 'green'],
    ['there is no old one, and no traffic yet', held({ plan: noOld }), both, 'blue'],
  ])('P8: an abort gives all traffic to the right slot when %s', (_, from, carries, slot) => {
    expect(aborted(from, carries)).toMatchObject({
      phase: 'rollingBack',
      wanted: { weights: allOn(slot), seq: from.wanted.seq + 1, since: now },
    });
  });

  it('P9: who steps aside is superseded, and the next one does not', () => {
    const aside = rowAfter(protocol.stepAside(held({ next: publication('c') }), { ...b, by: 'c', now }));
    expect(aside).toMatchObject({ phase: 'rollingBack', steppedAside: true, abort: { kind: 'superseded' } });
    expect(
      protocol.stepAside(held({ next: publication('c'), steppedAside: true }), { ...b, by: 'c', now }),
    ).toMatchObject({ guard: 'once' });
  });

  it('P24: an edit long after the decision counts for what is in force, and for nothing else', () => {
    const settling = plan().configuration.timing.settling * 1000;
    const decided = held({ plan: plan(), wanted: { weights: allOn('blue'), seq: 4, since: now } });
    const edited = rowAfter(protocol.edit(decided, { now: now + 60_000 }));
    expect(edited).toEqual({ ...decided, wanted: { ...decided.wanted, edited: now + 60_000 } });
    expect(untilInForce(decided, now + 1)).toBe(settling - 1);
    expect(untilInForce(edited, now + settling)).toBe(60_000);
    expect(untilInForce(edited, now + settling + 60_000)).toBe(0);
    expect(untilInForce({ ...edited, plan: null }, now + 61_000, 5000)).toBe(4000);
    expect(untilQuiet(edited, now + settling)).toBe(0);
    const again = rowAfter(
      protocol.abort(edited, { ...b, kind: 'failed', why: '', by: '', carries: both, now: now + 70_000 }),
    );
    expect(again.wanted).toEqual({ weights: allOn('blue'), seq: 5, since: now + 70_000 });
  });

  it('P10: a turn changes the places of the two', () => {
    const turned = rowAfter(
      protocol.turn(aborted(shifted(1), both), { token: 7, now: now + 1, carries: { blue: false, green: true } }),
    );
    expect(turned.wanted).toEqual({ weights: allOn('green'), seq: 3, since: now + 1 });
  });

  it('P11: nothing is condemned before the settling time is over', () => {
    const back = aborted(shifted(1), both);
    const settling = plan().configuration.timing.settling * 1000;
    expect(
      protocol.condemn(back, { token: 7, slot: 'green', answers: neither, now: now + settling - 1 }),
    ).toMatchObject({
      guard: 'quiet',
    });
    expect(
      rowAfter(protocol.condemn(back, { token: 7, slot: 'green', answers: neither, now: now + settling })).condemned,
    ).toBe('green');
  });
});

describe('P13: finish', () => {
  const standing = { blue: false, green: true };
  const finish = (from: Row, outcome: 'live' | 'failed', fleets = standing) =>
    protocol.finish(from, { token: 7, outcome, reason: 'because', fleets, now });
  const committed = rowAfter(protocol.commit(shifted(last), { token: 7, carries: both }));
  const discarded: Row = { ...aborted(shifted(1), both), condemned: 'green' };

  it('live names the new release in its slot, and the row is free again', () => {
    const done = rowAfter(finish(committed, 'live'));
    expect(done).toMatchObject({
      live: { release: b.release, slot: 'green', order: b.order, since: now },
      lock: { state: 'free' },
      phase: 'free',
      step: 0,
      plan: null,
      token: 8,
      wanted: { weights: allOn('green'), since: now },
    });
  });

  it('failed keeps what was live', () => {
    const done = rowAfter(finish(discarded, 'failed', { blue: true, green: false }));
    expect(done).toMatchObject({ live: { release: live('a').release, slot: 'blue' }, abort: null, condemned: null });
  });

  it('failed with the new fleet kept names that one as live', () => {
    const kept: Row = { ...aborted(shifted(1), { blue: false, green: true }), condemned: 'blue' };
    const decision = finish(kept, 'failed');
    expect(ended(decision)).toEqual(['b1 failed']);
    expect(rowAfter(decision).live).toMatchObject({ release: b.release, slot: 'green' });
  });

  it('what was live stays so where its fleet has just been lost: it is launched again', () => {
    const lost = { blue: false, green: false };
    expect(rowAfter(finish(discarded, 'failed', lost)).live).toEqual(discarded.live);
    expect(rowAfter(finish({ ...discarded, live: null }, 'failed', lost)).live).toBeNull();
  });

  it('what waits is reserved in the same write', () => {
    const next = publication('c');
    expect(rowAfter(finish({ ...committed, next }, 'live'))).toMatchObject({
      next: null,
      lock: { state: 'reserved', publication: next },
    });
  });

  it('only a rollout that went live lets the next one step aside again', () => {
    expect(
      rowAfter(finish({ ...discarded, steppedAside: true }, 'failed', { blue: true, green: false })).steppedAside,
    ).toBe(true);
    expect(rowAfter(finish({ ...committed, steppedAside: true }, 'live')).steppedAside).toBe(false);
  });
});

describe('P14 and P15: waiting and answering', () => {
  it('P14: keeps the newest five tokens, each once', () => {
    let current = held();
    for (const taskToken of ['1', '2', '2', '3', '4', '5', '6'])
      current = rowAfter(protocol.park(current, { token: 7, taskToken }));
    expect(current.parked).toEqual(['2', '3', '4', '5', '6']);
  });

  it('P15: keeps what was said, for the attempt it was said to', () => {
    const signal = { kind: 'reject', by: 'ana', at: now } as const;
    expect(rowAfter(protocol.signal(held(), { ...b, signal })).signals).toEqual([signal]);
    expect(protocol.signal(held(), { ...b, attempt: 2, signal })).toMatchObject({ guard: 'held' });
  });

  const asking = { token: 7, step: 0, kinds: ['approval'], until: now + 60_000, why: 'it is ready', now };
  const asked = rowAfter(protocol.ask(held(), asking));
  const yes = (question?: string) =>
    ({ kind: 'approve', by: 'ana', at: now + 1, ...(question && { question }) }) as const;

  it('P25: a question is kept with its kinds, its limit and an id of its own', () => {
    const { token: _, now: at, ...question } = asking;
    expect(asked.question).toEqual({ ...question, asked: at, id: expect.any(String) });
    const next = rowAfter(protocol.ask(asked, { ...asking, kinds: ['approval', 'noTraffic'], now: now + 5 }));
    expect(next.question?.id).not.toBe(asked.question?.id);
  });

  it('P25: asked again about the same or less, it is the same question', () => {
    const both = rowAfter(protocol.ask(held(), { ...asking, kinds: ['noTraffic', 'noMetrics'] }));
    for (const kinds of [['noMetrics'], ['noMetrics', 'noTraffic']])
      expect(protocol.ask(both, { ...asking, kinds, now: now + 5 })).toMatchObject({ changed: false, row: both });
  });

  it('P15: an approval is kept with the kinds that were asked about', () => {
    const id = asked.question?.id ?? '';
    const { signals } = rowAfter(protocol.signal(asked, { ...b, signal: yes(id) }));
    expect(signals).toEqual([{ ...yes(id), kinds: ['approval'] }]);
  });

  it('a weight, an abort and the end take the question away', () => {
    const carries = { blue: true, green: true };
    expect(rowAfter(protocol.shift(asked, { token: 7, step: 1, carries, now })).question).toBeNull();
    const abort = { ...b, kind: 'failed', why: '', by: '', carries, now } as const;
    expect(rowAfter(protocol.abort(asked, abort)).question).toBeNull();
    const back = rowAfter(protocol.shift(asked, { token: 7, step: 1, carries, now }));
    const again = rowAfter(protocol.ask(back, { ...asking, step: 1 }));
    expect(rowAfter(protocol.abort(again, { ...abort, holds: true })).question).toBeNull();
  });
});

describe('the way back where the old fleet was made smaller', () => {
  const neither: Carries = { blue: false, green: false };
  const abort = { ...b, kind: 'failed', why: 'it failed', by: 'a test', now } as const;
  const waiting = (carries = neither) => rowAfter(protocol.abort(shifted(2), { ...abort, carries, holds: true }));
  const before = shifted(2).wanted.weights;
  const turn = (from: Row, carries: Carries, weight?: number) =>
    protocol.turn(from, { token: 7, now: now + 1, carries, ...(weight !== undefined && { weight }) });

  it('P8: the weights stay while both slots carry what they have, whichever could carry all', () => {
    for (const carries of [neither, { blue: false, green: true }, both])
      expect(waiting(carries)).toMatchObject({
        phase: 'rollingBack',
        abort: { waits: true },
        wanted: { weights: before, seq: 2, since: now },
      });
    expect(aborted(shifted(2), neither)).toMatchObject({ wanted: { weights: allOn('blue') } });
  });

  it.each([
    ['it never had traffic', held(), true],
    [
      'the old fleet was not launched here',
      { ...shifted(2), plan: plan({ old: { ...plan().old, kind: 'foreign' } }) },
      true,
    ],
    ['nobody made it smaller', shifted(2), false],
  ] as [string, Row, boolean][])('P8: all goes back at once where %s', (_, from, holds) => {
    const back = rowAfter(protocol.abort(from, { ...abort, carries: neither, holds }));
    expect(back.abort).toEqual({ kind: 'failed', why: 'it failed', by: 'a test', at: now });
    expect(back.wanted.weights).toEqual(allOn('blue'));
  });

  it('P10: a turn gives the old fleet what it carries by now, and all once it carries all', () => {
    const some = rowAfter(turn(waiting(), neither, before.blue + 10));
    expect(some).toMatchObject({
      abort: { waits: true },
      wanted: { weights: { blue: before.blue + 10, green: before.green - 10 }, since: now + 1 },
    });
    expect(turn(some, neither, before.blue)).toMatchObject({ ok: false, guard: 'otherCarries' });
    const all = rowAfter(turn(some, { blue: true, green: true }));
    expect(all).toMatchObject({ abort: { waits: false }, wanted: { weights: allOn('blue') } });
  });

  it('P10: an old fleet without healthy targets gives its weight away, and is still waited for', () => {
    const silenced = rowAfter(protocol.turn(waiting(), { token: 7, now: now + 1, carries: both, silent: 'awaited' }));
    expect(silenced).toMatchObject({ abort: { waits: true }, wanted: { weights: allOn('green'), since: now + 1 } });
    const again = { token: 7, now: now + 2, carries: neither };
    expect(protocol.turn(silenced, { ...again, silent: 'awaited' })).toMatchObject({ guard: 'otherCarries' });
    expect(rowAfter(turn(silenced, neither, 40)).wanted.weights).toEqual({ blue: 40, green: 60 });
    const lost = rowAfter(protocol.turn(silenced, { ...again, silent: 'lost' }));
    expect(lost).toMatchObject({ abort: { waits: false }, wanted: { weights: allOn('green') } });
  });

  it('P11: nothing is condemned while the old fleet waits for its traffic', () => {
    const settled = rowAfter(protocol.abort(shifted(last), { ...abort, carries: neither, holds: true }));
    expect(settled.wanted.weights).toEqual(allOn('green'));
    const later = now + plan().configuration.timing.settling * 1000;
    expect(protocol.condemn(settled, { token: 7, slot: 'blue', answers: neither, now: later })).toMatchObject({
      guard: 'noWeight',
    });
  });
});

describe('P16 and P17: taking over and giving back', () => {
  const rest = firstRow('checkout', allOn('blue'), start);
  const found = live('f', { attempt: 0, slot: 'green' });

  it('P16: what serves is live, where it serves', () => {
    expect(rowAfter(protocol.adopt(rest, { live: found, now }))).toMatchObject({
      live: found,
      wanted: { weights: allOn('green'), seq: rest.wanted.seq + 1, since: now },
    });
    expect(rowAfter(protocol.adopt(rest, { live: live('f'), now })).wanted).toEqual(rest.wanted);
  });

  it('P16: what is live or on its way stays', () => {
    for (const from of [row(), held({ live: null })])
      expect(protocol.adopt(from, { live: found, now })).toMatchObject({ ok: true, changed: false });
  });

  it('P17: nothing is live any more, and its weights stay', () => {
    const given = rowAfter(protocol.giveBack(row(), undefined));
    expect(given).toEqual({ ...row(), live: null, limits: null });
  });

  it('P17: what is on its way, or waits, stays', () => {
    for (const from of [held(), row({ next: b })])
      expect(protocol.giveBack(from, undefined)).toMatchObject({ ok: true, changed: false });
  });
});

it('a refusal says what was expected and what is', () => {
  expect(protocol.shift(held(), { token: 6, now, step: 1, carries: both })).toEqual({
    ok: false,
    guard: 'mine',
    reason: `the service is held by ${b.release} attempt 1 under token 7, this step was started under 6`,
  });
  expect(protocol.acquire(firstRow('checkout', allOn('blue'), now), undefined)).toMatchObject({ guard: 'nextThere' });
});
