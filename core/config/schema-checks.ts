/** Checks that compare several fields of a configuration. They read the values as written, so that they run even if other checks have failed. */
import { formatDuration, parseDuration } from '../basics/duration.ts';
import { usualReadiness } from './defaults.ts';
import { formatValue, type Problem, pathText, valueAt } from './problems.ts';
import { longestWait } from './schema.ts';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listAt = (value: unknown, ...keys: PropertyKey[]): unknown[] => {
  const found = valueAt(value, keys);
  return Array.isArray(found) ? found : [];
};

/** Weights rise and end at 100. Reported only if each weight is valid by itself: a weight of 150 is one mistake, not two. */
const unevenSteps = (name: string, written: unknown): Problem[] => {
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

/** The bakes of a rollout are limited together, not each. */
const longBakes = (name: string, written: unknown): Problem[] => {
  const bakes = listAt(written, 'strategy', 'steps').map(
    (step) => parseDuration(valueAt(step, ['bake', 'atMost']) ?? valueAt(step, ['bake'])) ?? 0,
  );
  const sum = bakes.reduce((total, bake) => total + bake, 0);
  if (sum <= longestWait) return [];
  const path = pathText([name, 'strategy', 'steps']);
  return [{ path, expected: `bakes of at most ${formatDuration(longestWait)} together`, found: formatDuration(sum) }];
};

/** `warmUp` has to be below `readyWithin`, which may be a default. A longer one is usually a mistake of units. */
const longWarmUp = (name: string, written: unknown): Problem[] => {
  const secondsAt = (...keys: string[]) => parseDuration(valueAt(written, keys));
  const warmUp = secondsAt('checks', 'warmUp');
  const readyWithin = secondsAt('checks', 'readyWithin') ?? usualReadiness(secondsAt('timing', 'period') ?? 60);
  if (warmUp === null || warmUp < readyWithin) return [];
  const path = pathText([name, 'checks', 'warmUp']);
  const expected = `a duration below checks.readyWithin, which is ${formatDuration(readyWithin)}`;
  return [{ path, expected, found: formatValue(valueAt(written, ['checks', 'warmUp'])) }];
};

/** A range of status codes whose start is above its end lets no answer pass. */
const emptyRanges = (name: string, written: unknown): Problem[] =>
  listAt(written, 'checks', 'smoke').flatMap((probe, index) => {
    const { from = 200, to = 299 } = isObject(probe) ? probe : {};
    if (typeof from !== 'number' || typeof to !== 'number' || from <= to) return [];
    const path = pathText([name, 'checks', 'smoke', index]);
    return [
      { path, expected: 'a `from` that is not above `to` (defaults: 200 and 299)', found: `from ${from} to ${to}` },
    ];
  });

/** The account and region of an ARN and, of a rule, its load balancer. */
const placed =
  /^(arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}):(?:targetgroup|listener-rule\/(app\/[^/]+\/[^/]+))\//;

/** All ARNs of a service are in one region of one account, and its rules on one load balancer. The first ARN says which. */
const strayArns = (name: string, written: unknown): Problem[] => {
  const [first, ...others] = usesOf(written).flatMap(({ keys, arn }) => {
    const [, prefix, balancer] = (typeof arn === 'string' && placed.exec(arn)) || [];
    return prefix === undefined ? [] : [{ path: pathText([name, ...keys]), prefix, balancer }];
  });
  if (first === undefined) return [];
  return others.flatMap(({ path, prefix, balancer }) => {
    if (prefix !== first.prefix)
      return [{ path, expected: `an ARN that begins like ${first.path}, with ${first.prefix}`, found: prefix }];
    if (balancer === undefined || balancer === first.balancer) return [];
    const expected = `a rule of the load balancer of ${first.path}, ${first.balancer}: a target group belongs to one only`;
    return [{ path, expected, found: balancer }];
  });
};

/** Every ARN of one service, with its path. */
const usesOf = (written: unknown): { what: string; keys: PropertyKey[]; arn: unknown }[] => [
  ...listAt(written, 'rules').map((arn, index) => ({ what: 'rule', keys: ['rules', index], arn })),
  ...['blue', 'green'].map((slot) => {
    const keys = ['slots', slot];
    return { what: 'target group', keys, arn: valueAt(written, keys) };
  }),
];

/** Every mistake between the fields of one service. */
export const serviceProblems = (name: string, written: unknown): Problem[] =>
  [unevenSteps, longBakes, longWarmUp, emptyRanges, strayArns].flatMap((check) => check(name, written));

/** A rule leads to one service, and a target group is one slot of one service: two owners would undo each other's changes. */
export const sharedArns = (services: Record<string, unknown>): Problem[] => {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, written] of Object.entries(services)) {
    for (const { what, keys, arn } of usesOf(written)) {
      if (typeof arn !== 'string' || !arn.startsWith('arn:')) continue;
      const path = pathText([name, ...keys]);
      const owner = owners.get(arn);
      if (owner === undefined) owners.set(arn, path);
      else problems.push({ path, expected: `a ${what} of its own`, found: `${formatValue(arn)}, which is ${owner}` });
    }
  }
  return problems;
};
