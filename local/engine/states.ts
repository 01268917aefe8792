/** The states Choice, Pass, Wait, Succeed and Fail, and how every state is entered and left. */
import type { Choice, Exit, Fail, Pass, State, Wait } from './definition.ts';
import { evaluating, record, type Step, scopeOf, sleep, stateFault } from './execution.ts';
import { typed } from './expressions.ts';
import type { Scope } from './fast-path.ts';
import { Fault, queryEvaluationError } from './fault.ts';

/** How a state ended, before the next one is entered. */
export interface Left {
  next: string | undefined;
  output: unknown;
}

export const enter = (step: Step, state: State): void => {
  const { execution } = step;
  execution.entered = record(step, `${state.type}StateEntered`, { name: state.name, input: execution.stateInput });
};

/** Evaluates Output and Assign, both on what was there when the state was entered, then leaves. Without Output: `otherwise`. */
export const leave = async (step: Step, state: State, exit: Exit, scope: Scope, otherwise: unknown): Promise<Left> => {
  const { execution } = step;
  const { output: outputs, assign: assigns } = exit;
  const assigned = assigns && ((await evaluating(step, () => assigns(scope))) as Record<string, unknown>);
  const output = outputs ? await evaluating(step, () => outputs(scope)) : otherwise;
  record(step, `${state.type}StateExited`, { name: state.name, output, assignedVariables: assigned });
  if (assigned !== undefined) execution.variables = { ...execution.variables, ...assigned };
  return { next: exit.next, output };
};

const pass = (step: Step, state: Pass): Promise<Left> =>
  leave(step, state, state, scopeOf(step), step.execution.stateInput);

const choose = async (step: Step, state: Choice): Promise<Left> => {
  const scope = scopeOf(step);
  const isBoolean = (value: unknown) => typeof value === 'boolean';
  for (const rule of state.rules) {
    const holds = await evaluating(step, () => typed(rule.condition, scope, rule.location, 'boolean', isBoolean));
    if (holds) return leave(step, state, rule, scope, step.execution.stateInput);
  }
  if (state.otherwise.next === undefined)
    throw stateFault(
      step.execution,
      'Failed to transition out of the state. The state does not point to a next state.',
    );
  return leave(step, state, state.otherwise, scope, step.execution.stateInput);
};

const dateTime = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch milliseconds of an ISO-8601 date-time with offset; not a number for anything else, 30 February included. */
const instant = (text: string): number => {
  const day = dateTime.exec(text)?.[1];
  const midnight = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(`${day}T`)
    ? Number.NaN
    : Date.parse(text);
};

const isText = (value: unknown): boolean => typeof value === 'string';
const longestWait = 99_999_999;
const isWait = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= longestWait;

const wait = async (step: Step, state: Wait): Promise<Left> => {
  const { execution, world } = step;
  const scope = scopeOf(step);
  const { seconds, timestamp } = state;
  let ms = 0;
  if (seconds !== undefined)
    ms = 1000 * (await evaluating(step, () => typed<number>(seconds, scope, 'Seconds', 'integer from 0', isWait)));
  else if (timestamp !== undefined) {
    const text = await evaluating(step, () => typed<string>(timestamp, scope, 'Timestamp', 'string', isText));
    const until = instant(text);
    const cause = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`;
    if (Number.isNaN(until))
      await evaluating(
        step,
        () => {
          throw new Fault(queryEvaluationError, cause, { location: 'Timestamp' });
        },
        execution.last,
      );
    ms = until - world.time.now();
  }
  if (ms > 0) await sleep(step, ms);
  return leave(step, state, state, scope, execution.stateInput);
};

const fail = async (step: Step, state: Fail): Promise<never> => {
  const scope = scopeOf(step);
  const text = (field: 'Error' | 'Cause', template: Fail['error']) =>
    template && evaluating(step, () => typed<string>(template, scope, field, 'string', isText));
  throw new Fault(await text('Error', state.error), await text('Cause', state.cause));
};

export const passive = { Pass: pass, Succeed: pass, Choice: choose, Wait: wait, Fail: fail };
