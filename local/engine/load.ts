/** Loads a state machine, and refuses every unsupported part by its name and path. */
import type { Catcher, Choice, Definition, Exit, Retrier, Rule, State, Task } from './definition.ts';
import { type Compiler, compiler, type Place, type Template } from './expressions.ts';
import { fields, jsonPathFields, type StateType, stateTypes } from './fields.ts';
import type { Source } from './functions.ts';

type Raw = Record<string, unknown>;

const entry: Place = { sees: ['input', 'context'], token: false };
const functionArn = /^arn:[^:]+:lambda:[^:]*:[^:]+:function:[^:]+(:[^:]+)?$/;
const invoke = 'arn:aws:states:::lambda:invoke';

const asObject = (value: unknown): Raw =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Raw) : {};
const asNames = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const asList = (value: unknown): Raw[] => (Array.isArray(value) ? value.map(asObject) : []);

const refuseUnknown = (raw: Raw, known: readonly string[], path: string, refuse: (text: string) => void): void => {
  for (const field of Object.keys(raw)) {
    if (known.includes(field)) continue;
    const why = jsonPathFields.includes(field) ? ' (JSONata mode only)' : '';
    refuse(`field '${path === '' ? '' : `${path}/`}${field}' is not supported${why}`);
  }
};

const resourceKind = (resource: string): Task['kind'] | undefined => {
  if (resource === invoke) return 'invoke';
  if (resource === `${invoke}.waitForTaskToken`) return 'token';
  return functionArn.test(resource) ? 'function' : undefined;
};

/** One state's fields, read with every problem told to `refuse`. */
const reader = (_raw: Raw, compile: Compiler, refuse: (text: string) => void) => {
  const optional = (from: Raw, field: string, place: Place, path = field): Template | undefined =>
    from[field] === undefined ? undefined : compile.template(from[field], path, place);
  const required = (from: Raw, field: string, place: Place, path = field): Template => {
    if (from[field] === undefined) refuse(`field '${path}' is missing`);
    return compile.template(from[field] ?? null, path, place);
  };
  const errors = (from: Raw, path: string): string[] => {
    if (!Array.isArray(from.ErrorEquals)) refuse(`field '${path}/ErrorEquals' is not a list of names`);
    return asNames(from.ErrorEquals);
  };
  const exit = (from: Raw, next: unknown, place: Place, prefix = ''): Exit => {
    const assign = from.Assign;
    if (assign !== undefined && asObject(assign) !== assign) refuse(`field '${prefix}Assign' is not an object`);
    if (Object.hasOwn(asObject(assign), 'states')) refuse(`field '${prefix}Assign/states' is a reserved name`);
    return {
      next: next as string | undefined,
      output: optional(from, 'Output', place, `${prefix}Output`),
      assign: optional(from, 'Assign', place, `${prefix}Assign`),
    };
  };
  return { optional, required, errors, exit };
};

const task = (name: string, raw: Raw, compile: Compiler, refuse: (text: string) => void): Task => {
  const resource = String(raw.Resource);
  const kind = resourceKind(resource);
  if (kind === undefined) refuse(`Resource '${resource}' is not supported`);
  if (kind !== 'function')
    refuseUnknown(typeof raw.Arguments === 'object' ? asObject(raw.Arguments) : {}, fields.invoke, 'Arguments', refuse);
  const { optional, required, errors, exit } = reader(raw, compile, refuse);
  const before = { ...entry, token: kind === 'token' };
  return {
    name,
    type: 'Task',
    resource,
    kind: kind ?? 'function',
    // Required here: what a function is given where a definition says nothing is not documented.
    arguments: required(raw, 'Arguments', before),
    timeout: optional(raw, 'TimeoutSeconds', before),
    heartbeat: optional(raw, 'HeartbeatSeconds', before),
    ...exit(raw, raw.Next, { ...before, sees: ['input', 'context', 'result'] }),
    retry: asList(raw.Retry).map((retrier, index): Retrier => {
      refuseUnknown(retrier, fields.retrier, `Retry[${index}]`, refuse);
      return {
        errors: errors(retrier, `Retry[${index}]`),
        interval: Number(retrier.IntervalSeconds ?? 1),
        attempts: Number(retrier.MaxAttempts ?? 3),
        backoff: Number(retrier.BackoffRate ?? 2),
        longest: Number(retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY),
        jitter: retrier.JitterStrategy === 'FULL',
      };
    }),
    catch: asList(raw.Catch).map((catcher, index): Catcher => {
      refuseUnknown(catcher, fields.catcher, `Catch[${index}]`, refuse);
      const caught = exit(
        catcher,
        catcher.Next,
        { ...before, sees: ['input', 'context', 'errorOutput'] },
        `Catch[${index}]/`,
      );
      return { errors: errors(catcher, `Catch[${index}]`), ...caught };
    }),
  };
};

const choice = (name: string, raw: Raw, compile: Compiler, refuse: (text: string) => void): Choice => {
  const { required, exit } = reader(raw, compile, refuse);
  const rules = asList(raw.Choices).map((rule, index): Rule => {
    refuseUnknown(rule, fields.rule, `Choices[${index}]`, refuse);
    const location = `Choices[${index}]/Condition`;
    return {
      ...exit(rule, rule.Next, entry, `Choices[${index}]/`),
      condition: required(rule, 'Condition', entry, location),
      location,
    };
  });
  return { name, type: 'Choice', rules, otherwise: exit(raw, raw.Default, entry) };
};

const state = (name: string, type: StateType, raw: Raw, compile: Compiler, refuse: (text: string) => void): State => {
  refuseUnknown(raw, [...fields.everyState, ...fields[type]], '', refuse);
  if (type === 'Task') return task(name, raw, compile, refuse);
  if (type === 'Choice') return choice(name, raw, compile, refuse);
  const { optional, exit } = reader(raw, compile, refuse);
  if (type === 'Fail')
    return { name, type, error: optional(raw, 'Error', entry), cause: optional(raw, 'Cause', entry) };
  const way = exit(raw, raw.Next, entry);
  if (type !== 'Wait') return { name, type, ...way };
  if ((raw.Seconds === undefined) === (raw.Timestamp === undefined)) refuse('a Wait has either Seconds or Timestamp');
  return {
    name,
    type,
    ...way,
    seconds: optional(raw, 'Seconds', entry),
    timestamp: optional(raw, 'Timestamp', entry),
  };
};

/** Every state named by Next or Default. */
const targets = (state: State): (string | undefined)[] => {
  if (state.type === 'Fail') return [];
  if (state.type === 'Choice') return [...state.rules.map(({ next }) => next ?? ''), state.otherwise.next];
  if (state.type === 'Task') return [state.next, ...state.catch.map(({ next }) => next ?? '')];
  return [state.next];
};

const checkWays = (startAt: string, states: Map<string, State>, raws: Raw, refuse: (text: string) => void): void => {
  if (!Object.hasOwn(raws, startAt)) refuse(`StartAt names '${startAt}', which is not a state`);
  for (const current of states.values()) {
    const raw = asObject(raws[current.name]);
    if (['Task', 'Pass', 'Wait'].includes(current.type) && (raw.End === true) === (raw.Next !== undefined))
      refuse(`state '${current.name}': has either Next or End`);
    for (const next of targets(current))
      if (next !== undefined && !Object.hasOwn(raws, next))
        refuse(`state '${current.name}': leads to '${next}', which is not a state`);
  }
};

/** Each problem is one line: `state 'X': field 'ResultPath' is not supported (JSONata mode only)`. */
const invalidDefinition = (problems: string[]): Error & { problems: string[] } =>
  Object.assign(new Error(`the state machine cannot be loaded:\n${problems.join('\n')}`), {
    name: 'InvalidDefinition',
    problems,
  });

/** Compiles a definition (parsed JSON). Throws `InvalidDefinition` with all its `problems`. */
export const load = (definition: unknown, source: Source): Definition => {
  const problems: string[] = [];
  const machine = asObject(definition);
  refuseUnknown(machine, fields.machine, '', (text) => problems.push(text));
  const raws = asObject(machine.States);
  const states = new Map<string, State>();
  for (const [name, value] of Object.entries(raws)) {
    const raw = asObject(value);
    const refuse = (text: string): void => {
      problems.push(`state '${name}': ${text}`);
    };
    const language = raw.QueryLanguage ?? machine.QueryLanguage ?? 'JSONPath';
    if (language !== 'JSONata') refuse(`QueryLanguage '${language}' is not supported (JSONata mode only)`);
    else if (!stateTypes.includes(raw.Type as StateType)) refuse(`type '${raw.Type}' is not supported`);
    else {
      const compile = compiler(source, (location, problem) => refuse(`field '${location}': ${problem}`));
      states.set(name, state(name, raw.Type as StateType, raw, compile, refuse));
    }
  }
  checkWays(String(machine.StartAt), states, raws, (text) => problems.push(text));
  if (problems.length > 0) throw invalidDefinition(problems);
  return {
    startAt: String(machine.StartAt),
    timeout: machine.TimeoutSeconds as number | undefined,
    states,
  };
};
