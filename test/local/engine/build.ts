/** A machine in virtual time for one test, with functions written down in it. */
import { createMachine, type Machine, type MachineOptions } from '../../../local/engine/machine.ts';
import { type VirtualTime, virtualTime } from '../../../local/time.ts';

export const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** A failure as a Lambda function reports it. */
export const failure = (name: string, message = 'it failed'): Error => Object.assign(new Error(message), { name });

export const task = (fields: object = {}): Record<string, unknown> => ({
  Type: 'Task',
  Resource: functionArn('work'),
  Arguments: {},
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

export const tokenTask = (fields: object = {}): Record<string, unknown> =>
  task({
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: functionArn('work'), Payload: { token: '{% $states.context.Task.Token %}' } },
    ...fields,
  });

interface Build extends Partial<MachineOptions> {
  states: Record<string, object>;
  machine?: object;
  work?: (payload: unknown) => unknown;
}

export const build = ({ states, machine: top = {}, work = (payload) => payload, ...options }: Build) => {
  const time: VirtualTime = virtualTime(0);
  /** Seconds at which the function was called. */
  const called: number[] = [];
  const machine: Machine = createMachine({
    definition: { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...top },
    time,
    random: () => 0.5,
    invoke: async (_, payload) => {
      called.push(time.now() / 1000);
      return work(payload);
    },
    ...options,
  });
  /** Starts an execution named `one` and runs time until nothing is left to happen, or until a second. */
  const run = async (input: unknown = {}, until?: number) => {
    machine.start({ name: 'one', input: JSON.stringify(input) });
    await time.run(until === undefined ? {} : { until: until * 1000 });
    return machine.describe('one');
  };
  const types = () => machine.history('one').map(({ type }) => type);
  const forward = (seconds: number) => time.run({ until: time.now() + seconds * 1000 });
  return { machine, time, run, called, types, forward };
};
