/** The state machine's file against everything that it names: functions, errors, paths, arguments, time-outs. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import jsonata from 'jsonata';
import { expect, it } from 'vitest';
import type * as z from 'zod';
import { errorNames } from '../../core/basics/errors.ts';
import { requestTimeout, requestTries } from '../../functions/clients.ts';
import { finishInput } from '../../functions/finish.ts';
import { removeInput } from '../../functions/remove.ts';
import { Fault, matches, timeoutNames } from '../../local/engine/fault.ts';
import { parkInput } from '../../pipeline/shared/park-execution.ts';
import { askedRolloutInput, rolloutInput } from '../../pipeline/shared/rollout.ts';
import { awaitApproval } from '../../pipeline/states/await-approval.ts';
import { bake } from '../../pipeline/states/bake.ts';
import { rollBackInput } from '../../pipeline/states/roll-back.ts';
import { bind, placeholders } from '../../statemachines/bind.ts';
import { definition, functionSettings, triggers } from '../build.ts';

interface State {
  Type: string;
  Resource?: string;
  Arguments?: unknown;
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: { Condition: string; Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Retry?: { ErrorEquals: string[]; MaxAttempts?: number }[];
  TimeoutSeconds?: number | string;
  Assign?: Record<string, unknown>;
  Output?: string;
}

const machine = definition as { StartAt: string; QueryLanguage: string; States: Record<string, State> };
const states = Object.entries(machine.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');

/** The function a Task names: its Resource, or the FunctionName inside lambda:invoke. */
const functionOf = (state: State): string => {
  const named = state.Resource?.startsWith('arn:')
    ? (state.Arguments as { FunctionName: string }).FunctionName
    : state.Resource;
  return /^\$\{([\w-]+)\}$/.exec(named ?? '')?.[1] ?? '';
};

const nextOf = (state: State): string[] => [
  ...[state.Next, state.Default].filter((next) => next !== undefined),
  ...(state.Choices ?? []).map(({ Next }) => Next),
  ...(state.Catch ?? []).map(({ Next }) => Next),
];

/** Which function each Task runs, and what that takes. */
const functionsOf: Record<string, { file: string; schema: z.ZodType }> = {
  Admit: { file: 'admit', schema: askedRolloutInput },
  Provision: { file: 'provision', schema: rolloutInput },
  CheckReady: { file: 'check-ready', schema: rolloutInput },
  Smoke: { file: 'smoke', schema: rolloutInput },
  AwaitApproval: { file: 'park', schema: parkInput },
  Shift: { file: 'shift', schema: rolloutInput },
  Bake: { file: 'park', schema: parkInput },
  Judge: { file: 'judge', schema: rolloutInput },
  Retire: { file: 'remove', schema: removeInput },
  HandOver: { file: 'finish', schema: finishInput },
  Complete: { file: 'finish', schema: finishInput },
  RollBack: { file: 'roll-back', schema: rollBackInput },
  Discard: { file: 'remove', schema: removeInput },
  ReportFailure: { file: 'finish', schema: finishInput },
};

/** The file that answers for a state bears its name, as people see it in the console: `RollBack` is roll-back.ts. */
const fileOf = (task: string): string => `${task.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.ts`;

/** A state's file, and the shared ones that it leads to. */
const sourcesOf = (path: string, found = new Map<string, string>()): Map<string, string> => {
  if (found.has(path)) return found;
  const source = readFileSync(path, 'utf8');
  found.set(path, source);
  for (const [, from = ''] of source.matchAll(/from '(\.[^']+)'/g)) {
    const target = join(dirname(path), from);
    if (target.startsWith('pipeline/shared/')) sourcesOf(target, found);
  }
  return found;
};

/** Every `next` that a state can answer, read off the sources. */
const answersOf = (task: string): string[] =>
  [...sourcesOf(`pipeline/states/${fileOf(task)}`).values()]
    .flatMap((source) => [...source.matchAll(/\bgo\(([^;]*?);/gs)])
    .flatMap(([, call]) =>
      [...(call ?? '').matchAll(/'(wait|launched|[A-Z]\w+)'/g)].map(([, answer]) => answer as string),
    );

it('is what asl-validator accepts', () => {
  const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
    isValid: boolean;
    errorsText: () => string;
  };
  const arns = Object.fromEntries(
    placeholders(machine).map((name) => [name, `arn:aws:lambda:eu-west-1:111122223333:function:cutover-${name}:1`]),
  );
  const result = validate(bind(machine, arns));
  expect(result.isValid ? '' : result.errorsText()).toBe('');
});

it('maps every Task state to a file of its name and to its function, and no file is left', () => {
  expect(tasks.map(([name]) => name).sort()).toEqual(Object.keys(functionsOf).sort());
  expect(readdirSync('pipeline/states').sort()).toEqual(tasks.map(([name]) => fileOf(name)).sort());
  for (const [name, state] of tasks) {
    const file = functionsOf[name]?.file ?? '';
    expect(functionOf(state), name).toBe(file);
    expect(readFileSync(`functions/${file}.ts`, 'utf8')).toContain(`toLambda('${file}'`);
    if (name !== 'AwaitApproval') expect(readFileSync(`functions/${file}.ts`, 'utf8'), name).toContain(fileOf(name));
  }
  // One function parks in both states, and is bound to one of them.
  expect(awaitApproval).toBe(bake);
});

it.each(timeoutNames)('tries each state again whose function ran into its time-out, told as %s', (name) => {
  for (const [state, { Retry = [] }] of tasks) {
    const first = Retry.find(({ ErrorEquals }) => matches(ErrorEquals, new Fault(name, undefined)));
    expect(first?.MaxAttempts, state).toBeGreaterThanOrEqual(10);
  }
});

it('names no function that is not deployed, and every step function is named', () => {
  const steps = Object.keys(functionSettings).filter(
    (name) => (functionSettings[name] as unknown as { step: boolean }).step,
  );
  expect(placeholders(machine).sort()).toEqual(steps.sort());
  const triggered = triggers.map((trigger) => trigger.function);
  // The one that stands in the VPC is invoked by the others.
  expect([...new Set([...triggered, 'probe'])].sort()).toEqual(
    Object.keys(functionSettings)
      .filter((name) => !steps.includes(name))
      .sort(),
  );
});

it('reaches every state from the start, and an end from every state', () => {
  const reached = new Set<string>();
  const walk = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    const state = machine.States[name];
    expect(state, name).toBeDefined();
    for (const next of nextOf(state as State)) walk(next);
  };
  walk(machine.StartAt);
  expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());

  const ending = new Set(
    states.filter(([, { Type, End }]) => Type === 'Succeed' || Type === 'Fail' || End).map(([name]) => name),
  );
  for (let grown = -1; grown !== ending.size; ) {
    grown = ending.size;
    for (const [name, state] of states) if (nextOf(state).some((next) => ending.has(next))) ending.add(name);
  }
  expect([...ending].sort()).toEqual(Object.keys(machine.States).sort());
});

it('gives every Choice a default, and every answer of a step a way', () => {
  for (const [name, state] of states.filter(([, { Type }]) => Type === 'Choice'))
    expect(state.Default, name).toBeDefined();
  for (const [name, state] of tasks) {
    const choice = machine.States[state.Next ?? ''];
    if (choice?.Type !== 'Choice') continue;
    const known = choice.Choices?.map(({ Condition }) => /= '(\w+)' %}$/.exec(Condition)?.[1]) ?? [];
    // What falls to the default is named by it: RollBack, the Wait of a loop ('wait'), or the end.
    const fallback = machine.States[choice.Default ?? '']?.Type === 'Wait' ? 'wait' : choice.Default;
    const answers = answersOf(name);
    expect(answers.length, name).toBeGreaterThan(0);
    for (const answer of answers) expect([...known, fallback], `${name} answers ${answer}`).toContain(answer);
  }
});

it('knows every error it names, and the names survive bundling and minifying', async () => {
  const platform = /^(States|Lambda|Sandbox)\./;
  const named = tasks.flatMap(([, { Retry = [], Catch = [] }]) =>
    [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals),
  );
  const ours = [...new Set(named.filter((name) => !platform.test(name)))];
  expect(ours.filter((name) => !(errorNames as readonly string[]).includes(name))).toEqual([]);
  const { outputFiles } = await build({
    stdin: { contents: `export * from './core/basics/errors.ts'`, resolveDir: '.', loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
  });
  const source = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const bundled = (await import(`data:text/javascript;base64,${source}`)) as Record<string, new (m: string) => Error>;
  for (const name of errorNames) expect(new (bundled[name] as new (m: string) => Error)('x').name).toBe(name);
});

it('catches everything before commit into RollBack or ReportFailure, and only staleness after', () => {
  const before = ['Provision', 'CheckReady', 'Smoke', 'AwaitApproval', 'Shift', 'Bake', 'Judge'];
  const after = ['HandOver', 'Retire', 'Complete', 'RollBack', 'Discard', 'ReportFailure'];
  const all = (name: string) =>
    machine.States[name]?.Catch?.find(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'))?.Next;
  for (const name of before) expect(all(name), name).toBe('RollBack');
  expect(all('Admit')).toBe('ReportFailure');
  for (const name of after)
    expect(machine.States[name]?.Catch, name).toEqual([{ ErrorEquals: ['StaleToken'], Next: 'Admit' }]);
});

/** Whatever is not listed first is tried again: the rules of a state in one shape, `never` those that a retry does not help. */
const retried = (tries: number, longest: number, ...never: string[]) => [
  { ErrorEquals: never, MaxAttempts: 0 },
  {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 1,
    MaxAttempts: tries,
    BackoffRate: 2,
    MaxDelaySeconds: longest,
    JitterStrategy: 'FULL',
  },
];

it('tries every Task again after errors that may pass, longest in states that have to end', () => {
  const ways: Record<string, ReturnType<typeof retried>> = {
    Admit: retried(40, 60, 'Rejected', 'RolloutFailed'),
    ...Object.fromEntries(
      ['Provision', 'CheckReady', 'Smoke', 'Shift', 'Judge'].map((name) => [
        name,
        retried(10, 30, 'Rejected', 'StaleToken', 'RolloutFailed'),
      ]),
    ),
    // The end of a park is its time-out.
    ...Object.fromEntries(
      ['AwaitApproval', 'Bake'].map((name) => [
        name,
        retried(10, 30, 'Rejected', 'StaleToken', 'RolloutFailed', 'States.Timeout'),
      ]),
    ),
    // What has to come to its end is tried again whatever it is: a rule that is missing may be there again.
    ...Object.fromEntries(
      ['Retire', 'RollBack', 'Discard'].map((name) => [name, retried(40, 60, 'StaleToken', 'RolloutFailed')]),
    ),
    ...Object.fromEntries(
      ['HandOver', 'Complete', 'ReportFailure'].map((name) => [
        name,
        retried(40, 60, 'Rejected', 'StaleToken', 'RolloutFailed'),
      ]),
    ),
  };
  expect(Object.fromEntries(tasks.map(([name, { Retry }]) => [name, Retry]))).toEqual(ways);
});

it('leads a stale token to Admit from every Task but Admit, before anything else is caught', () => {
  for (const [name, { Catch = [] }] of tasks.filter(([name]) => name !== 'Admit')) {
    const first = Catch.find(
      ({ ErrorEquals }) => ErrorEquals.includes('StaleToken') || ErrorEquals.includes('States.ALL'),
    );
    expect(first, name).toEqual({ ErrorEquals: ['StaleToken'], Next: 'Admit' });
  }
});

it('gives each step what its schema asks for', async () => {
  const begun = machine.States.Begin?.Assign?.rollout as { progress?: unknown };
  const rollout = {
    service: 'shop',
    release: 'abc',
    attempt: 1,
    token: 2,
    execution: 'shop-abc-1',
    progress: begun.progress,
  };
  const context = {
    Execution: { Name: 'shop-abc-1', StartTime: '2026-01-05T09:00:00.123Z' },
    Task: { Token: 'token' },
  };
  const evaluate = async (value: unknown): Promise<unknown> => {
    if (typeof value === 'string' && value.startsWith('{%')) {
      const result: unknown = await jsonata(value.slice(2, -2)).evaluate(
        {},
        { rollout, why: '', states: { context, input: {} } },
      );
      return result;
    }
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(
        await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await evaluate(item)])),
      );
    return value;
  };
  for (const [name, state] of tasks) {
    const given = await evaluate(state.Arguments);
    const payload = state.Resource?.startsWith('arn:') ? (given as { Payload: unknown }).Payload : given;
    const parsed = functionsOf[name]?.schema.safeParse(JSON.parse(JSON.stringify(payload)));
    expect(parsed?.error?.issues ?? [], name).toEqual([]);
  }
});

it('nests time-outs: a request inside its function, a function inside its Task', () => {
  for (const [name, state] of tasks) {
    const { timeout } = functionSettings[functionOf(state)] as { timeout: number };
    expect(requestTimeout * requestTries, name).toBeLessThan(timeout);
    // A parked task lasts as long as it waits; its function has its own time-out all the same.
    if (typeof state.TimeoutSeconds === 'number') expect(timeout, name).toBeLessThan(state.TimeoutSeconds);
    else expect(['AwaitApproval', 'Bake']).toContain(name);
  }
});

it('uses JSONata throughout, and placeholders only as whole strings', () => {
  expect(machine.QueryLanguage).toBe('JSONata');
  expect(JSON.stringify(machine).match(/\$\{/g)?.length).toBe(JSON.stringify(machine).match(/"\$\{[\w-]+\}"/g)?.length);
});
