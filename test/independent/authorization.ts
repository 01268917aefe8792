/** What a policy claims, against the service authorization reference: everything in it that AWS would not take as it is meant. */
import { grants, type Statement } from '../../infra/grants.ts';
import { python } from './python.ts';

interface Kind {
  required: boolean;
  /** With `${…}` for what varies; null where the action takes no resource. */
  arn: string | null;
  conditions: string[];
  dependent: string[];
}

export const scope = {
  partition: 'aws',
  region: 'eu-west-1',
  account: '111122223333',
  table: 'arn:aws:dynamodb:eu-west-1:111122223333:table/cutover-ledger',
  machine: 'arn:aws:states:eu-west-1:111122223333:stateMachine:cutover-rollout',
  probe: 'arn:aws:lambda:eu-west-1:111122223333:function:cutover-test-probe',
  instanceRoles: ['arn:aws:iam::111122223333:role/shop-instance'],
};

export const everyStatement = Object.values(grants).flatMap((grant) => grant.statements(scope));
export const everyAction = [...new Set(everyStatement.flatMap((statement) => statement.actions))];
/** Wrong ones are asked about as well, for the tests of these checks. */
const reference = python<Record<string, { kinds: Record<string, Kind> } | null>>('authorization.py', [
  ...everyAction,
  'ec2:LaunchInstances',
]);
const kindsOf = (action: string): [string, Kind][] => Object.entries(reference[action]?.kinds ?? {});
const isOnResources = ([, { arn }]: [string, Kind]): boolean => arn !== null;

const like = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.$?]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);

/** Does a resource of a statement name resources of such a kind? Both may hold `*`, which stands for anything. */
const names = (resource: string, [, { arn }]: [string, Kind]): boolean => {
  if (arn === null) return false;
  const form = arn.replaceAll(/\$\{\w+\}/g, '*').split(':');
  // The reference leaves open what every ARN begins with: partition, region, account.
  const ours = form.map((part, index) => (part === '*' && index < 5 ? resource.split(':')[index] : part)).join(':');
  return like(ours, resource) || like(resource, ours.replaceAll('*', 'x'));
};

export const unknownActions = (actions: string[]): string[] => actions.filter((action) => reference[action] === null);

/** Actions on everything that could be allowed on less. */
export const scopable = (statements: Statement[]): string[] =>
  statements
    .flatMap(({ actions, resources }) => (resources.includes('*') ? actions : []))
    .filter((action) => kindsOf(action).some(isOnResources));

/** Resources that an action cannot be allowed on: the statement would allow nothing. */
export const wrongResources = (statements: Statement[]): string[] =>
  statements.flatMap(({ actions, resources }) =>
    actions.flatMap((action) =>
      resources
        .filter((resource) => resource !== '*' && !kindsOf(action).some((kind) => names(resource, kind)))
        .map((resource) => `${action} on ${resource}`),
    ),
  );

const isKey = (key: string, variable: string): boolean =>
  key === variable || (/\$\{TagKey\}$/.test(key) && variable.startsWith(key.slice(0, key.indexOf('$'))));

/** Keys that a request on such a resource does not have: the condition would never hold. */
export const wrongConditions = (statements: Statement[]): string[] =>
  statements.flatMap(({ actions, resources, conditions = [] }) =>
    actions.flatMap((action) => {
      const always = reference[action]?.kinds['']?.conditions ?? [];
      return resources.flatMap((resource) => {
        const kinds = kindsOf(action).filter((kind) => names(resource, kind));
        const keys = [...always, ...kinds.flatMap(([, { conditions: found }]) => found)];
        return conditions
          .filter(({ variable }) => !keys.some((key) => isKey(key, variable)))
          .map(({ variable }) => `${action} on ${resource} if ${variable}`);
      });
    }),
  );

/** Kinds of resources that one call names together; elsewhere several kinds are alternatives. */
const isOfAllKinds = (action: string): boolean => action === 'ec2:RunInstances';

export const lackingKinds = (policy: Statement[]): string[] =>
  [...new Set(policy.flatMap(({ actions }) => actions))].flatMap((action) => {
    const resources = policy.flatMap((one) => (one.actions.includes(action) ? one.resources : []));
    if (resources.includes('*')) return [];
    const needed = kindsOf(action).filter((kind) => kind[1].required && isOnResources(kind));
    const lacking = needed.filter((kind) => !resources.some((resource) => names(resource, kind)));
    const isEnough = !isOfAllKinds(action) && lacking.length < needed.length;
    return isEnough ? [] : lacking.map(([kind]) => `${action} on ${kind}`);
  });

/** `action needed`: what an action of the policy needs beside, and the policy does not allow. */
export const lackingBeside = (policy: Statement[]): string[] => {
  const allowed = new Set(policy.flatMap(({ actions }) => actions));
  const needed = [...allowed].flatMap((action) =>
    kindsOf(action).flatMap(([, { dependent }]) => dependent.map((one) => [action, one] as const)),
  );
  return [...new Set(needed.filter(([, one]) => !allowed.has(one)).map((pair) => pair.join(' ')))];
};
