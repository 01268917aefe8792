/** RollBack and Shift: where traffic goes, what is said of it, and what a person’s or nobody’s answer leads to. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../core/protocol/row.ts';
import { rollBack } from '../../../pipeline/states/roll-back.ts';
import { shift } from '../../../pipeline/states/shift.ts';
import { minute, plan, publication, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const half = { weights: { blue: 50, green: 50 }, seq: 5, since: start };
const abort = { kind: 'failed' as const, why: 'an alarm', by: 'on-alarm', at: start };

const opened = async (change: Parameters<typeof held>[0] = {}) => {
  const story = await createWorld(held(change));
  const asked: [string, number][] = [];
  story.ports.fleet.ensure = async (_, slot, count) => {
    asked.push([slot, count]);
    return { launched: 1, short: null };
  };
  const events = () => story.ports.ledger.history('checkout');
  return { ...story, asked, events };
};

describe('RollBack', () => {
  it('moves all traffic back, and tells the cause in words with how long that took', async () => {
    const { world, ports, events, row, asked } = await opened({ phase: 'shifting', step: 3, wanted: half });
    world.rules = { https: half.weights, http: half.weights };
    const why = 'Rejected: {"errorMessage":"no template"}';
    expect(await rollBack(ports)({ ...rollout(), why })).toMatchObject({ next: 'Discard', why: 'no template' });
    expect(world.rules).toEqual({ https: { blue: 100, green: 0 }, http: { blue: 100, green: 0 } });
    expect((await row()).abort).toMatchObject({ kind: 'failed', why: 'no template', by: 'the rollout' });
    expect(await events()).toMatchObject([
      {
        kind: 'aborted',
        text: 'no template; all traffic on blue',
        data: { weights: { blue: 100, green: 0 }, seconds: 0 },
      },
    ]);
    expect(asked).toEqual([]);
  });

  it('after somebody else’s abort keeps that cause, and measures nothing', async () => {
    const { ports, events } = await opened({ phase: 'rollingBack', step: 3, abort });
    expect(await rollBack(ports)({ ...rollout(), why: 'another' })).toMatchObject({ next: 'Discard', why: 'an alarm' });
    const [event] = await events();
    expect(event?.text).toBe('an alarm; all traffic on blue');
    expect(event?.data).toEqual({ weights: { blue: 100, green: 0 } });
  });

  it('launches what the old fleet lacks, once traffic is back', async () => {
    const { world, ports, asked, events } = await opened({ phase: 'shifting', step: 2 });
    world.healthy.blue = 3;
    await rollBack(ports)({ ...rollout(), why: 'bad' });
    expect(asked).toEqual([['blue', 4]]);
    expect((await events()).map(({ kind, text }) => `${kind}: ${text}`)).toContain(
      'problem: blue lacks 1 healthy instances, 1 launched',
    );
  });

  it('launches nothing where traffic stays with the new fleet', async () => {
    const wanted = { weights: { blue: 0, green: 100 }, seq: 6, since: start };
    const { world, ports, asked, events } = await opened({ phase: 'settling', step: 4, wanted });
    world.healthy = { blue: 0, green: 3 };
    await rollBack(ports)({ ...rollout(), why: 'bad' });
    expect(asked).toEqual([]);
    expect((await events()).map(({ text }) => text)).toEqual(['bad; all traffic on green']);
  });
});

describe('Shift', () => {
  const asking = plan({}, service({ approval: { within: '1 hour' } }));
  const until = (minutes: number): Partial<Row> => ({
    plan: asking,
    question: {
      id: 'q1',
      kinds: ['approval'],
      step: 0,
      asked: start,
      until: start + minute + minutes * minute,
      why: '',
    },
  });
  const approved = { kind: 'approve' as const, by: 'ada', at: start, question: 'q1', kinds: ['approval'] };

  it('gives the next weight, says so, and bakes no longer than a period before the first look', async () => {
    const { ports, events, row } = await opened();
    const answer = await shift(ports)(rollout());
    const [first] = plan().steps;
    expect(answer).toMatchObject({ next: 'Bake', seconds: Math.min(service().timing.period, first?.bake ?? 0) });
    expect((await row()).wanted.weights).toEqual({ blue: 95, green: 5 });
    const [event] = await events();
    expect(event).toMatchObject({
      kind: 'shifted',
      data: { step: 1, of: plan().steps.length, weight: 5, weights: { blue: 95, green: 5 } },
    });
    expect(event?.text.startsWith(`5 % of the traffic to ${publication('b').release}`)).toBe(true);
  });

  it('without a bake is judged at once', async () => {
    const steps = [{ weight: 100, bake: 0 }];
    const { ports } = await opened({ plan: plan({ steps }) });
    expect(await shift(ports)(rollout())).toMatchObject({ next: 'Bake', seconds: 1 });
  });

  it('has heard the signals that there are, so that only a newer one wakes it', async () => {
    const { ports } = await opened({ ...until(60), signals: [approved] });
    expect((await shift(ports)(rollout())).rollout.progress.heard).toBe(1);
  });

  it('waits for an approval until its time is over, and keeps the old fleet meanwhile', async () => {
    const { world, ports, asked, row } = await opened(until(10));
    world.healthy.blue = 3;
    expect(await shift(ports)(rollout())).toMatchObject({ next: 'AwaitApproval', seconds: 120 });
    expect(asked).toEqual([['blue', 4]]);
    world.healthy.blue = 4;
    expect(await shift(ports)(rollout())).toMatchObject({ next: 'AwaitApproval', seconds: 600 });
    expect(await shift((await opened(until(60))).ports)(rollout())).toMatchObject({ seconds: 900 });
    expect(await shift((await opened(until(0))).ports)(rollout())).toMatchObject({
      next: 'RollBack',
      why: 'nobody approved it within 1 hour',
    });
    expect((await row()).step).toBe(0);
  });

  it('asks where nobody has been asked, as in rows of versions that asked without a question', async () => {
    const { ports, row } = await opened({ plan: asking, signals: [{ kind: 'approve', by: 'ada', at: start }] });
    expect(await shift(ports)(rollout())).toMatchObject({ next: 'AwaitApproval' });
    expect((await row()).question).toMatchObject({ kinds: ['approval'], step: 0 });
  });

  it('an approval shifts, and a rejection goes back, whichever came first', async () => {
    const yes = await opened({ ...until(0), signals: [approved] });
    expect((await shift(yes.ports)(rollout())).next).toBe('Bake');
    const no = { kind: 'reject' as const, by: 'ada', at: start };
    for (const signals of [[no], [no, approved], [approved, no]]) {
      const rejected = await opened({ ...until(60), signals });
      expect(await shift(rejected.ports)(rollout())).toMatchObject({ next: 'RollBack', why: 'rejected by ada' });
    }
  });

  it('an approval of something else than the first traffic does not shift', async () => {
    const { ports } = await opened({ ...until(10), signals: [{ ...approved, kinds: ['noTraffic'] }] });
    expect((await shift(ports)(rollout())).next).toBe('AwaitApproval');
  });

  it('asks nobody again after the first weight', async () => {
    const { ports } = await opened({ plan: asking, phase: 'shifting', step: 1 });
    expect((await shift(ports)(rollout({ step: 2 }))).next).toBe('Bake');
  });

  it('counts only healthy instances of its own release', async () => {
    const { ports } = await opened({ phase: 'shifting', step: 3 });
    const { observe } = ports.fleet;
    ports.fleet.observe = async (one, slot) => {
      const view = await observe(one, slot);
      return { ...view, instances: view.instances.map((seen) => ({ ...seen, release: 'another' })) };
    };
    expect(await shift(ports)(rollout({ step: 4 }))).toMatchObject({
      next: 'Provision',
      why: '100 % needs 4 healthy instances, 0 are',
      rollout: { progress: { step: 0 } },
    });
  });
});

const settled = { weights: { blue: 0, green: 100 }, seq: 6, since: start };

it('a rollback keeps the new fleet only where the old one does not carry and the new one does', async () => {
  for (const [old, fresh, serving] of [
    [4, 4, 'blue'],
    [3, 4, 'blue'],
    [1, 4, 'green'],
    [1, 1, 'blue'],
  ] as const) {
    const { world, ports, row } = await createWorld(held({ phase: 'settling', step: 4, wanted: settled }));
    world.healthy = { blue: old, green: fresh };
    await rollBack(ports)({ ...rollout(), why: 'bad' });
    expect((await row()).wanted.weights[serving], `${old} old, ${fresh} new`).toBe(100);
  }
});
