/** Checks across a configuration that no single field can make. They look at the value as written, so that they run whatever else is wrong. */
import { formatted, type Problem, pathText, valueAt } from './problems.ts';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listAt = (value: unknown, ...keys: PropertyKey[]): unknown[] => {
  const found = valueAt(value, keys);
  return Array.isArray(found) ? found : [];
};

/** Steps rise and end at 100. Said only where every weight is one by itself: a weight of 150 is one mistake, not two. */
export const unevenSteps = (name: string, written: unknown): Problem[] => {
  const weights = listAt(written, 'strategy', 'steps').map((step) => valueAt(step, ['weight']));
  const valid = weights.every(
    (weight) => Number.isInteger(weight) && (weight as number) >= 1 && (weight as number) <= 100,
  );
  if (!valid || weights.length === 0) return [];
  const rise = weights.every((weight, index) => index === 0 || (weight as number) > (weights[index - 1] as number));
  if (rise && weights.at(-1) === 100) return [];
  const path = pathText([name, 'strategy', 'steps']);
  return [{ path, expected: 'weights that rise from step to step and end at 100', found: weights.join(', ') }];
};

/** A rule leads to one service, and a target group is one slot of one service: two owners would each undo what the other set. */
export const sharedArns = (services: Record<string, unknown>): Problem[] => {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, written] of Object.entries(services)) {
    const uses: [string, PropertyKey[], unknown][] = [
      ...listAt(written, 'rules').map((arn, index): [string, PropertyKey[], unknown] => [
        'rule',
        ['rules', index],
        arn,
      ]),
      ...['blue', 'green'].map((slot): [string, PropertyKey[], unknown] => [
        'target group',
        ['slots', slot],
        valueAt(written, ['slots', slot]),
      ]),
    ];
    for (const [what, keys, arn] of uses) {
      if (typeof arn !== 'string' || !arn.startsWith('arn:')) continue;
      const path = pathText([name, ...keys]);
      const owner = owners.get(arn);
      if (owner === undefined) owners.set(arn, path);
      else problems.push({ path, expected: `a ${what} of its own`, found: `${formatted(arn)}, which is ${owner}` });
    }
  }
  return problems;
};
