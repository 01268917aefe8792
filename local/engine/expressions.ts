/** Compiles the JSONata expressions of a definition once, and refuses those that cannot be evaluated. */
import jsonata from 'jsonata';
import { fastPath, type Node, type Scope, slow } from './fast-path.ts';
import { Fault, queryEvaluationError } from './fault.ts';
import { functions, type Source } from './functions.ts';

/** May answer with a promise; throws a Fault. */
export type Template = (scope: Scope) => unknown;

/** What a field may see below `$states`, and whether its state holds a task token. */
export interface Place {
  sees: readonly string[];
  token: boolean;
}

const contextFields: Record<string, readonly string[]> = {
  Execution: ['Id', 'Input', 'Name', 'RoleArn', 'StartTime', 'RedriveCount', 'RedriveTime'],
  State: ['EnteredTime', 'Name', 'RetryCount'],
  StateMachine: ['Id', 'Name'],
  Task: ['Token'],
};

const referenceProblem = (keys: unknown[], place: Place): string | undefined => {
  const [first, second, third] = keys as string[];
  if (first !== undefined && !place.sees.includes(first)) return `$states.${first} cannot be seen here`;
  if (first !== 'context' || second === undefined) return undefined;
  const fields = second === 'Task' && !place.token ? undefined : contextFields[second];
  if (fields === undefined) return `$states.context.${second} cannot be seen here`;
  // Below Input, any name may follow.
  return third === undefined || fields.includes(third)
    ? undefined
    : `$states.context.${second}.${third} is not supported`;
};

/** Every problem in the tree: JSONata's tree is walked whole, since a reference may hide in any field. */
const problemsIn = (node: unknown, place: Place, seen: Set<unknown>, found: string[]): string[] => {
  if (node === null || typeof node !== 'object' || seen.has(node)) return found;
  seen.add(node);
  const { type, value, steps } = node as Node;
  if (type === 'variable' && value === 'eval') found.push('$eval is not supported');
  if (type === 'function') {
    const { procedure, arguments: args } = node as { procedure?: Node; arguments?: unknown[] };
    if (procedure?.value === 'now' && args?.length !== 0)
      found.push('$now with arguments is not supported: write $fromMillis($millis(), ...)');
  }
  if (type === 'path' && Array.isArray(steps) && steps[0]?.type === 'variable' && steps[0].value === 'states') {
    const names: unknown[] = [];
    for (const step of steps.slice(1) as Node[]) {
      if (step.type !== 'name') break;
      names.push(step.value);
    }
    const problem = referenceProblem(names, place);
    if (problem !== undefined) found.push(problem);
  }
  for (const child of Object.values(node)) problemsIn(child, place, seen, found);
  return found;
};

/** JSONata's sequences and shared parts as plain JSON values of their own. */
const plainCopy = (value: unknown, refuse: () => never): unknown => {
  if (typeof value === 'function') return refuse();
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => plainCopy(item, refuse));
  const { _jsonata_function: native, _jsonata_lambda: lambda } = value as Record<string, unknown>;
  if (native === true || lambda === true) return refuse();
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) copy[key] = plainCopy(item, refuse);
  return copy;
};

/** What is parsed once serves every machine of this process; only what JSONata has to interpret is compiled for a machine of its own. */
const trees = new Map<string, Node>();
const mostTrees = 1000;

/** Throws what JSONata throws. */
const treeOf = (text: string): Node => {
  const known = trees.get(text);
  if (known !== undefined) return known;
  const tree = jsonata(text).ast() as Node;
  if (trees.size >= mostTrees) trees.clear();
  trees.set(text, tree);
  return tree;
};

export interface Compiler {
  /** A field's value: a literal, an expression, or an object or array of them. Problems are told to `refuse`, under the field's path. */
  template(value: unknown, location: string, place: Place): Template;
}

export const compiler = (source: Source, refuse: (location: string, problem: string) => void): Compiler => {
  const added = functions(source);

  const expression = (text: string, location: string, place: Place): Template => {
    const fault = (problem: string) =>
      new Fault(
        queryEvaluationError,
        `The JSONata expression '${text}' specified for the field '${location}' ${problem}`,
        { location },
      );
    let tree: Node;
    try {
      tree = treeOf(text);
    } catch (error) {
      refuse(location, `is not JSONata: ${(error as Error).message}`);
      return () => undefined;
    }
    for (const problem of problemsIn(tree, place, new Set(), [])) refuse(location, problem);

    let compiled: jsonata.Expression | undefined;
    const compile = (): jsonata.Expression => {
      const made = jsonata(text);
      for (const [name, run, signature] of added)
        made.registerFunction(name, run as (...args: unknown[]) => unknown, signature);
      return made;
    };
    const interpret = async (scope: Scope): Promise<unknown> => {
      let value: unknown;
      try {
        compiled ??= compile();
        value = await compiled.evaluate(undefined, { ...scope.variables, states: scope.states });
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        throw fault(`threw an error during evaluation. ${code === undefined ? '' : `${code}: `}${message}`);
      }
      if (value === undefined) throw fault('returned nothing (undefined).');
      return plainCopy(value, () => {
        throw fault('returned an unsupported result type.');
      });
    };
    const fast = fastPath(tree);
    if (fast === undefined) return interpret;
    return (scope) => {
      const value = fast(scope);
      if (value === slow) return interpret(scope);
      if (value === undefined) throw fault('returned nothing (undefined).');
      return value;
    };
  };

  const constant = Symbol('constant');
  const build = (value: unknown, location: string, place: Place): Template | typeof constant => {
    if (typeof value === 'string')
      return value.startsWith('{%') && value.endsWith('%}')
        ? expression(value.slice(2, -2).trim(), location, place)
        : constant;
    if (value === null || typeof value !== 'object') return constant;
    const isArray = Array.isArray(value);
    const parts = Object.entries(value).map(([key, part]): [string, Template | typeof constant, unknown] => [
      key,
      build(part, isArray ? `${location}[${key}]` : `${location}/${key}`, place),
      part,
    ]);
    if (parts.every(([, part]) => part === constant)) return constant;
    return async (scope) => {
      const filled = (isArray ? [] : {}) as Record<string, unknown>;
      for (const [key, part, literal] of parts) filled[key] = part === constant ? literal : await part(scope);
      return filled;
    };
  };

  return {
    template: (value, location, place) => {
      const built = build(value, location, place);
      return built === constant ? () => value : built;
    },
  };
};

/** A field that must be a string, a boolean or a whole number in bounds. */
export const typed = async <T>(
  template: Template,
  scope: Scope,
  location: string,
  expected: string,
  fits: (value: unknown) => boolean,
): Promise<T> => {
  const value = await template(scope);
  if (fits(value)) return value as T;
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  throw new Fault(
    queryEvaluationError,
    `The field '${location}' has an unexpected result type. Expected '${expected}', but was '${kind}' for value: ${JSON.stringify(value)}`,
    { location },
  );
};
