/** Every state × every ending × the console's two buttons: each leads to rest with the release live, or the person is told why not. `REDRIVE=full` plays all of them. */
import { describe, expect, it } from 'vitest';
import { releaseNamed, type Story } from '../build.ts';
import { expectAtRest } from './at-rest.ts';
import { type Button, backStates, buttons, type Ending, endings, interruptible, states } from './interrupted.ts';

/** When the button is pressed: at once, while a recovery holds the service, or when everything is at rest. */
const moments = ['before', 'during', 'after'] as const;
type Moment = (typeof moments)[number];

interface Cell {
  state: string;
  ending: Ending;
  button: Button;
  moment: Moment;
  faults: 1 | 2;
}

const ways = moments.flatMap((moment) =>
  buttons.flatMap((button) => ([1, 2] as const).map((faults) => ({ moment, button, faults }))),
);
const cells: Cell[] = states.flatMap((state, index) =>
  endings.flatMap((ending, turn) => {
    // Button, moment and number of faults take turns: each of them meets each ending, and within two states each other.
    const way = ways[(index * 5 + turn * 7) % ways.length] ?? ways[0];
    const chosen = process.env.REDRIVE === 'full' || way === undefined ? ways : [way];
    return chosen.map((one) => ({ state, ending, ...one }));
  }),
);

/** Nobody holds the service there, or another execution that goes on: what is asked for is begun, or on its way. */
const unheld = ['Begin', 'HandOver', 'Complete', 'ReportFailure', 'Reported', 'Ended'];
/** From there on it goes forward whoever goes on. */
const committed = ['Retire', 'Retired', 'WaitToRetire'];

/** Null: that depends on how far the first recovery has come by then. */
const goesLive = ({ state, button, moment, faults }: Cell): boolean | null => {
  if (moment === 'after' || unheld.includes(state) || committed.includes(state)) return true;
  if (moment === 'during') return faults === 1 ? false : null;
  // Whoever presses New execution wants a fresh attempt; a redrive goes on where it stood, and from there back if it was on its way back.
  return button === 'new execution' || !backStates.includes(state);
};

/** What a person reads where a rollout has not gone live: the failure's cause, or the last step's words. */
const told = (story: Story, execution: string): string => {
  const { status, cause = '' } = story.cloud.machine.describe(execution);
  if (status === 'FAILED') return cause;
  const said = story.cloud.machine.history(execution).flatMap((event) => {
    const { assignedVariables } = (event.stateExitedEventDetails ?? {}) as { assignedVariables?: { why?: string } };
    return assignedVariables?.why ?? [];
  });
  return said.at(-1) ?? '';
};

const pause = async (story: Story, moment: Moment): Promise<void> => {
  if (moment === 'during') await story.after(4);
  if (moment === 'after') await story.rest();
};

describe.each(states)('ended in %s', (state) => {
  const own = cells.filter((cell) => cell.state === state);
  it.each(own)('$ending, $button $moment the recovery, $faults times', async (cell) => {
    const { ending, button, moment, faults } = cell;
    const { story, name, people, interrupt, press } = await interruptible(state);
    if (backStates.includes(state)) people.say = 'reject';
    story.push('v2');
    if (state === 'Reported') {
      // Only an execution that is asked to start over goes through it.
      await story.rest();
      press('redrive', name);
    }
    await interrupt(name, state, ending);
    people.say = 'approve';
    await pause(story, moment);
    let pressed = press(button, name);
    if (faults === 2) {
      await interrupt(pressed, null, ending);
      await pause(story, moment);
      pressed = press(button, pressed);
    }
    await story.rest();

    const { live } = await story.row();
    const isLive = live?.release === releaseNamed('v2');
    if (goesLive(cell) !== null) expect(isLive).toBe(goesLive(cell));
    await expectAtRest(story, isLive ? 'v2' : 'v1');
    if (!isLive) expect(told(story, pressed)).toMatch(/ended while|rejected by ada|and running|attempt \d+/);
  });
});

const byHand: { what: string; change: Record<string, unknown>; live: string; says: RegExp }[] = [
  { what: 'a wrong service', change: { service: 'shopp' }, live: 'v1', says: /shopp is no configured service/ },
  { what: 'an unknown release', change: { release: 'feedfacecafe' }, live: 'v1', says: /shop is free/ },
  { what: 'no attempt', change: { attempt: undefined }, live: 'v2', says: /^/ },
  { what: 'another attempt', change: { attempt: 7 }, live: 'v2', says: /^/ },
  { what: 'no attempt at all', change: { attempt: 'first' }, live: 'v1', says: /attempt: .*expected number/ },
  { what: 'no release', change: { release: undefined }, live: 'v1', says: /release/ },
  { what: 'a token of somebody else’s', change: { token: 3 }, live: 'v2', says: /^/ },
];

it.each(byHand)('New execution with $what ends with $live live', async ({ change, live, says }) => {
  const { story, name, interrupt, press } = await interruptible();
  story.push('v2');
  await interrupt(name, 'CheckReady', 'ABORTED');
  await story.rest();
  const pressed = press('new execution', name, change);
  await story.rest();
  await expectAtRest(story, live);
  expect(told(story, pressed)).toMatch(says);
});

it.each([
  ['CheckReady', undefined],
  ['Judge', 7],
  ['Discard', undefined],
  ['Retire', 7],
])(
  'New execution before the recovery, ended in %s, with the attempt edited to %s, ends live',
  async (state, attempt) => {
    const { story, name, people, interrupt, press } = await interruptible(state);
    if (state === 'Discard') people.say = 'reject';
    story.push('v2');
    await interrupt(name, state, 'ABORTED');
    people.say = 'approve';
    press('new execution', name, { attempt });
    await story.rest();
    await expectAtRest(story, 'v2');
  },
);

it('New execution of the live release during another rollout is told who holds the service', async () => {
  const { story, name, press } = await interruptible();
  story.push('v2');
  await story.after(300);
  const pressed = press('new execution', name, { release: releaseNamed('v1') });
  await story.rest();
  await expectAtRest(story, 'v2');
  expect(told(story, pressed)).toContain('and running');
});
