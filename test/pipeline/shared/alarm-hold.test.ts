/** Alarms before the first weight: which of them hold a rollout. */
import { expect, it } from 'vitest';
import type { AlarmView } from '../../../pipeline/ports/metrics.ts';
import { alarmHold } from '../../../pipeline/shared/alarm-hold.ts';
import { alarmsOf } from '../../../pipeline/shared/alarms.ts';
import { recorder } from '../../../pipeline/shared/record.ts';
import { minute, plan, service, start } from '../../core/build.ts';
import { createWorld, held, rollout } from '../build.ts';

const watching = service({ checks: { alarms: ['5xx', 'slow'] } });
const on = (different: Partial<AlarmView> = {}): AlarmView => ({
  name: '5xx',
  state: 'ALARM',
  since: start + 1,
  dataFrom: start,
  reason: 'over the threshold',
  ...different,
});
const opened = async (alarms: AlarmView[], { step = 0, alarmsOn = [] as string[], okFor = 0 } = {}) => {
  const watched = plan({ alarmsOn }, watching);
  const story = await createWorld(held({ step, plan: watched }), watching);
  story.world.alarms = alarms;
  const asked: unknown[] = [];
  story.ports.metrics.okFor = async (...given) => {
    asked.push(given);
    return okFor;
  };
  const hold = async () =>
    alarmHold(story.ports, await story.row(), watched, recorder(story.ports, rollout(), 'Shift'));
  return { ...story, watched, asked, hold, events: () => story.ports.ledger.history('checkout') };
};

it('one that goes off after admission holds the first weight, and is recorded once', async () => {
  const { hold, events } = await opened([on()]);
  const why = await hold();
  expect(why).toBe(
    'alarm 5xx went off before the first weight (over the threshold): bbbbbbbbbbbb gets no traffic until it is OK again',
  );
  expect(await hold()).toBe(why);
  const told = await events();
  expect(told.map(({ kind, text }) => [kind, text])).toEqual([
    ['waiting', `${why}; to give up, run cutover abort checkout`],
  ]);
});

it('one that goes off anew is recorded anew', async () => {
  const { hold, events, world } = await opened([on()]);
  await hold();
  world.alarms = [on({ since: start + 2 })];
  await hold();
  expect(await events()).toHaveLength(2);
});

it.each([
  ['is OK', [on({ state: 'OK' })], {}],
  ['has data from before the rollout alone', [on({ dataFrom: start - 1 })], {}],
  ['was on when it began, and has not been OK since', [on()], { alarmsOn: ['5xx'] }],
  ['comes when there is traffic', [on()], { step: 1 }],
] as const)('one that %s holds nothing', async (_, alarms, given) => {
  const { hold, events } = await opened([...alarms], {
    ...given,
    alarmsOn: [...('alarmsOn' in given ? given.alarmsOn : [])],
  });
  expect(await hold()).toBeNull();
  expect(await events()).toEqual([]);
});

it('one that was on when it began holds it once it has been OK for a period since', async () => {
  const { hold } = await opened([on()], { alarmsOn: ['5xx'], okFor: minute });
  expect(await hold()).toMatch(/^alarm 5xx went off/);
});

it('how long one has been OK is asked only of one that is on, and was on at the beginning', async () => {
  const { ports, watched, asked } = await opened([on(), on({ name: 'slow' })], { alarmsOn: ['slow'], okFor: 7 });
  expect(await alarmsOf(ports, watched)).toEqual([on(), { ...on({ name: 'slow' }), okFor: 7 }]);
  expect(asked).toEqual([['slow', start, start + minute]]);
  const quiet = await opened([on({ name: 'slow', state: 'OK' })], { alarmsOn: ['slow'] });
  expect(await alarmsOf(quiet.ports, quiet.watched)).toEqual([on({ name: 'slow', state: 'OK' })]);
  expect(quiet.asked).toEqual([]);
});

it('a service without alarms asks for none', async () => {
  const { ports, row } = await createWorld(held());
  ports.metrics.alarms = () => Promise.reject(new Error('asked'));
  expect(await alarmHold(ports, await row(), plan(), recorder(ports, rollout(), 'Shift'))).toBeNull();
});
