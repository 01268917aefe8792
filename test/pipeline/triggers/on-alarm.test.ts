/** on-alarm: which alarm aborts which rollout, and that no failure is swallowed. */
import { describe, expect, it } from 'vitest';
import { Rejected } from '../../../core/basics/errors.ts';
import type { AlarmView } from '../../../pipeline/ports/metrics.ts';
import { alarmEvent, onAlarm } from '../../../pipeline/triggers/on-alarm.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { createWorld, held } from '../build.ts';

const event = { detail: { alarmName: '5xx', state: { value: 'ALARM' } } };
const watching = service({ checks: { ...service().checks, alarms: ['other', '5xx'] } });
const shifting = { weights: { blue: 75, green: 25 }, seq: 4, since: start };
const alarm = (change: Partial<AlarmView> = {}): AlarmView => ({
  name: '5xx',
  state: 'ALARM',
  reason: 'threshold crossed',
  since: start + minute,
  dataFrom: start,
  ...change,
});

const opened = async (change: Parameters<typeof held>[0] = {}, alarms = [alarm()]) => {
  const story = await createWorld(
    held({ plan: plan({}, watching), phase: 'shifting', step: 2, wanted: shifting, parked: ['t'], ...change }),
  );
  story.world.alarms = alarms;
  story.world.rules = { https: { blue: 75, green: 25 }, http: { blue: 75, green: 25 } };
  return story;
};
const ignored = [{ service: 'checkout', result: '5xx is not on, or not because of this rollout' }];

describe('an alarm that a rollout watches', () => {
  it('aborts it: weights go back, and the execution is woken', async () => {
    const { world, ports, row } = await opened();
    expect(await onAlarm(ports)(event)).toEqual([{ service: 'checkout', result: 'aborted' }]);
    expect(world.rules).toEqual({ https: { blue: 100, green: 0 }, http: { blue: 100, green: 0 } });
    expect(world.woken).toEqual(['t']);
    expect((await row()).abort).toMatchObject({ why: 'alarm 5xx went off: threshold crossed', by: 'on-alarm' });
    expect(await ports.ledger.history('checkout')).toMatchObject([
      { kind: 'aborted', by: 'on-alarm', data: { weights: { blue: 100, green: 0 }, seconds: 0 } },
    ]);
  });

  it.each<[string, AlarmView[]]>([
    ['is off by now', [alarm({ state: 'OK' })]],
    ['lacks data', [alarm({ state: 'INSUFFICIENT_DATA' })]],
    ['rests on data from before the rollout', [alarm({ dataFrom: start - 1 })]],
    ['does not exist', []],
    ['is off while another one is on', [alarm({ name: 'other' }), alarm({ state: 'OK' })]],
  ])('and that %s aborts nothing', async (_, alarms) => {
    const { world, ports, row } = await opened({}, alarms);
    expect(await onAlarm(ports)(event)).toEqual(ignored);
    expect([(await row()).abort, world.woken]).toEqual([null, []]);
  });

  it('and that was on at admission counts only once it has been off for a period', async () => {
    const known = { plan: plan({ alarmsOn: ['5xx'] }, watching) };
    const { ports } = await opened(known);
    expect(await onAlarm(ports)(event)).toEqual(ignored);
    const asked: unknown[] = [];
    ports.metrics.okFor = async (...args) => {
      asked.push(args);
      return minute;
    };
    expect(await onAlarm(ports)(event)).toMatchObject([{ result: 'aborted' }]);
    expect(asked).toEqual([['5xx', start, start + minute]]);
  });
});

describe('an alarm of a rollout without traffic', () => {
  const holds = '5xx holds the rollout, which has no traffic yet';
  const early = { phase: 'preparing' as const, step: 0, wanted: { ...shifting, weights: { blue: 100, green: 0 } } };

  it('holds it, and aborts nothing', async () => {
    const { world, ports, row } = await opened(early);
    expect(await onAlarm(ports)(event)).toEqual([{ service: 'checkout', result: holds }]);
    expect([(await row()).abort, world.woken]).toEqual([null, []]);
  });

  it('aborts it where it got traffic while the alarm was asked', async () => {
    const { ports, row } = await opened(early);
    const { alarms } = ports.metrics;
    ports.metrics.alarms = async (names) => {
      const shifted = { ...(await row()), phase: 'shifting' as const, step: 1, wanted: shifting };
      await ports.ledger.decide('checkout', () => ({ ok: true, row: shifted, records: [], changed: true }));
      return alarms(names);
    };
    expect(await onAlarm(ports)(event)).toEqual([{ service: 'checkout', result: 'aborted' }]);
    expect((await row()).abort).not.toBeNull();
  });
});

describe('where an abort is refused, the reason is the result:', () => {
  it('it is committed', async () => {
    const { ports, row } = await opened({ phase: 'committed' });
    expect(await onAlarm(ports)(event)).toEqual([
      { service: 'checkout', result: 'the phase is committed, not preparing or shifting or settling' },
    ]);
    expect((await row()).abort).toBeNull();
  });

  it.each([
    ['with traffic', 2, 'no rollout is under way'],
    ['without', 0, '5xx holds the rollout, which has no traffic yet'],
  ])('its row has gone meanwhile, read last %s', async (_, step, result) => {
    const { ports } = await opened({ step });
    const { row: read } = ports.ledger;
    let reads = 0;
    ports.ledger.row = async (name) => (reads++ === 0 ? read(name) : null);
    expect(await onAlarm(ports)(event)).toEqual([{ service: 'checkout', result }]);
  });
});

it('an alarm that was off at admission is not asked since when', async () => {
  const { ports } = await opened({ plan: plan({ alarmsOn: ['other'] }, watching) });
  ports.metrics.okFor = () => Promise.reject(new Error('asked'));
  expect(await onAlarm(ports)(event)).toMatchObject([{ result: 'aborted' }]);
});

it('an alarm that is off is not asked how long it has been off', async () => {
  const { ports } = await opened({ plan: plan({ alarmsOn: ['5xx'] }, watching) }, [alarm({ state: 'OK' })]);
  ports.metrics.okFor = () => Promise.reject(new Error('asked'));
  expect(await onAlarm(ports)(event)).toEqual(ignored);
});

describe('an alarm', () => {
  it('that the plan does not watch, or of a service at rest, concerns nobody', async () => {
    const other = await opened({ plan: plan() });
    expect(await onAlarm(other.ports)(event)).toEqual([]);
    const free = await opened({ lock: { state: 'free' }, phase: 'free' });
    expect(await onAlarm(free.ports)(event)).toEqual([]);
  });

  it('concerns no service without a row or without a plan', async () => {
    const { ports } = await opened();
    for (const row of [null, held({ plan: null })]) {
      ports.ledger.row = async () => row;
      expect(await onAlarm(ports)(event)).toEqual([]);
    }
  });

  it('that cannot be looked up is tried again, after the other services have heard of it', async () => {
    const { ports, row } = await opened();
    const { row: read } = ports.ledger;
    ports.ledger.services = async () => ['broken', 'checkout', 'late'];
    ports.ledger.row = (one) => (one === 'checkout' ? read(one) : Promise.reject(new Rejected('AccessDenied')));
    await expect(onAlarm(ports)(event)).rejects.toMatchObject({
      name: 'Transient',
      message: 'broken: AccessDenied; late: AccessDenied',
    });
    expect((await row()).abort).not.toBeNull();
  });

  it('comes twice: the second time the weights are applied and the execution is woken again', async () => {
    const { world, ports } = await opened();
    await onAlarm(ports)(event);
    world.rules.http = { blue: 75, green: 25 };
    expect(await onAlarm(ports)(event)).toEqual([{ service: 'checkout', result: 'aborted' }]);
    expect(world.rules.http).toEqual({ blue: 100, green: 0 });
    expect(world.woken).toEqual(['t', 't']);
  });
});

it('an event without an alarm’s name or state is no event of an alarm', () => {
  expect(alarmEvent.parse(event)).toEqual(event);
  for (const detail of [{}, { alarmName: '5xx' }, { alarmName: '5xx', state: {} }, { state: { value: 'ALARM' } }])
    expect(alarmEvent.safeParse({ detail }).success).toBe(false);
});
