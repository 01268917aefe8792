/** What a role's policy allows: as much of IAM's evaluation as these policies use, and a refusal of the rest. */
import type { Statement } from '../../infra/grants.ts';
import { matchesWildcard } from '../../local/client.ts';

export interface Call {
  action: string;
  resource: string;
  /** Condition keys and their values. */
  context?: Record<string, string>;
}

type Condition = NonNullable<Statement['conditions']>[number];

/** A key that the call does not have meets no condition. */
const isMet = ({ test, variable, values }: Condition, context: Record<string, string>): boolean => {
  const value = context[variable];
  switch (test) {
    case 'StringEquals':
      return value !== undefined && values.includes(value);
    case 'StringLike':
      return value !== undefined && values.some((pattern) => matchesWildcard(pattern, value));
    default:
      throw new Error(`the operator ${String(test)} is not evaluated here`);
  }
};

export interface Evaluated extends Statement {
  effect?: string;
}

/** Allowed by some statement, and denied by none. */
export const isAllowed = (statements: readonly Evaluated[], { action, resource, context = {} }: Call): boolean => {
  const matching = statements.filter(
    ({ actions, resources, conditions = [] }) =>
      actions.some((one) => matchesWildcard(one, action)) &&
      resources.some((one) => matchesWildcard(one, resource)) &&
      conditions.every((one) => isMet(one, context)),
  );
  const effects = matching.map(({ effect = 'Allow' }) => effect.toLowerCase());
  return effects.includes('allow') && !effects.includes('deny');
};
