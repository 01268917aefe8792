/** A rollout of v2 that is ended in any state, in any of the ways in which executions end, and the console's two buttons. */
import { allAtOnce, canary } from '../../core/index.ts';
import { longestHistory } from '../../pipeline/shared/history-limit.ts';
import { agedBy, createStory, definition, releaseNamed, type Story } from '../build.ts';

export const endings = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;
export type Ending = (typeof endings)[number];
export const buttons = ['redrive', 'new execution'] as const;
export type Button = (typeof buttons)[number];

const year = 31_536_000;
const { States } = definition as { States: Record<string, { Type: string; Resource?: string }> };
export const states = Object.keys(States);

/** Only a rollout that goes back visits these. */
export const backStates = ['RollBack', 'Discard', 'Discarded', 'WaitToDiscard', 'ReportFailure', 'Reported'];

/** The event of a state at which it hurts most: where a function has done its work and the answer is lost. */
const hurtsAt = (state: string): string => {
  const { Type = '', Resource = '' } = States[state] ?? {};
  if (Type !== 'Task') return `${Type}StateEntered`;
  if (state === 'ReportFailure') return 'LambdaFunctionFailed';
  return Resource.startsWith('arn:') ? 'TaskStarted' : 'LambdaFunctionSucceeded';
};

export interface Interrupted {
  story: Story;
  /** The execution of v2. */
  name: string;
  /** Ends an execution the next time it comes to a state; answers once that has happened. */
  interrupt: (execution: string, state: string | null, ending: Ending) => Promise<void>;
  /** Presses a button; answers which execution it started. */
  press: (button: Button, execution: string, change?: Record<string, unknown>) => string;
  /** What people answer when they are asked for their approval. */
  people: { say: 'approve' | 'reject' };
}

/** v1 has just gone live; v2 is not pushed yet. */
export const interruptible = async (state = ''): Promise<Interrupted> => {
  const isLong = state === 'HandOver';
  const people: Interrupted['people'] = { say: 'approve' };
  const inState = new Map<string, string>();
  let sought: { execution: string; state: string | null; ending: Ending } | null = null;
  const expire = new Map<string, () => void>();
  let begun = '';
  const story = await createStory({
    definition: { ...((isLong ? agedBy(longestHistory) : definition) as object), TimeoutSeconds: year },
    service: {
      strategy: isLong ? canary([50], { bake: 0 }) : allAtOnce(),
      approval: { within: '1 hour' },
      checks: { smoke: [{ path: '/health' }] },
    },
    rpm: 60,
    onEvent: (execution, { type, details }) => {
      const { name } = (details ?? {}) as { name?: string };
      if (type === 'ExecutionStarted' || type === 'ExecutionRedriven') begun = execution;
      if (type.endsWith('StateEntered')) {
        inState.set(execution, name ?? '');
        if (name === 'AwaitApproval') story.time.after(3000, () => void story.answer(people.say));
      }
      const state = inState.get(execution) ?? '';
      if (sought === null || execution !== sought.execution || type !== hurtsAt(state)) return;
      if (sought.state !== null && state !== sought.state) return;
      const { ending } = sought;
      sought = null;
      if (ending === 'ABORTED') story.cloud.machine.stop(execution, { error: 'by hand' });
      else if (ending === 'TIMED_OUT') expire.get(execution)?.();
      else throw new Error('the platform has failed');
    },
  });
  // The machine has no time-out of its own. With one of a year, each execution's is kept here, and over when a story says so.
  const { after } = story.time;
  story.time.after = (ms, run) => {
    if (ms !== year * 1000) return after(ms, run);
    expire.set(begun, run);
    return () => undefined;
  };
  story.push('v1');
  await story.rest();
  let pressed = 0;
  return {
    story,
    name: `shop-${releaseNamed('v2')}-1`,
    people,
    interrupt: async (execution, state, ending) => {
      sought = { execution, state, ending };
      for (let seconds = 0; sought !== null; seconds++) {
        if (seconds > 3 * 3600) throw new Error(`${execution} never came to ${state ?? 'any state'}`);
        await story.time.run({ until: story.time.now() + 1000, done: () => sought === null });
      }
    },
    press: (button, execution, change = {}) => {
      const { machine } = story.cloud;
      if (button === 'redrive') {
        machine.redrive(execution);
        return execution;
      }
      const name = `by-hand-${++pressed}`;
      machine.start({ name, input: JSON.stringify({ ...JSON.parse(machine.describe(execution).input), ...change }) });
      return name;
    },
  };
};
