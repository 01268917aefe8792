/** Evaluates simple expressions without JSONata's interpreter. JSONata's parser recognises them, and unusual values go to the interpreter. */

/** What an expression sees. Values are shared between events, variables and states: nothing may change them. */
export interface Scope {
  variables: Readonly<Record<string, unknown>>;
  states: Readonly<Record<string, unknown>>;
}

/** A node of JSONata's syntax tree. */
export interface Node {
  type: string;
  value?: unknown;
  [field: string]: unknown;
}

/** The interpreter must decide: an array on the way is mapped over, objects are compared deeply, a function is no value. */
export const slow = Symbol('slow');
export type Fast = (scope: Scope) => unknown;

/** Predicates, grouping, `[]`, focus and index all show as further fields. */
const plain = (node: Node): boolean =>
  Object.keys(node).every((key) => key === 'type' || key === 'value' || key === 'position');

const variable = (name: string): Fast => {
  if (name === 'states') return (scope) => scope.states;
  return (scope) => (Object.hasOwn(scope.variables, name) ? scope.variables[name] : slow);
};

const path = (node: Node): Fast | undefined => {
  const steps = node.steps as Node[];
  const [first, ...names] = steps;
  if (first?.type !== 'variable' || first.value === '' || !steps.every(plain)) return undefined;
  if (!Object.keys(node).every((key) => key === 'type' || key === 'steps')) return undefined;
  if (!names.every((step) => step.type === 'name')) return undefined;
  const keys = names.map((step) => step.value as string);
  const start = variable(first.value as string);
  return (scope) => {
    let value = start(scope);
    for (const key of keys) {
      if (Array.isArray(value)) return slow;
      if (value === slow) return slow;
      if (value === null || typeof value !== 'object') return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return typeof value === 'function' ? slow : value;
  };
};

const equality = (node: Node): Fast | undefined => {
  const left = fastPath(node.lhs as Node);
  const right = fastPath(node.rhs as Node);
  if (left === undefined || right === undefined) return undefined;
  const wanted = node.value === '=';
  return (scope) => {
    const a = left(scope);
    const b = right(scope);
    if (a === slow || b === slow) return slow;
    if (a === undefined || b === undefined) return false;
    if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object') return slow;
    return (a === b) === wanted;
  };
};

/** A closure that gives what JSONata would, or `slow`; none for all but variables, paths of names, literals, `=` and `!=`. */
export const fastPath = (node: Node): Fast | undefined => {
  if (node.type === 'path') return path(node);
  if (node.type === 'binary' && (node.value === '=' || node.value === '!=')) return equality(node);
  if (!plain(node)) return undefined;
  if (node.type === 'variable' && node.value !== '') return variable(node.value as string);
  if (node.type === 'string' || node.type === 'number' || node.type === 'value') return () => node.value;
  return undefined;
};
