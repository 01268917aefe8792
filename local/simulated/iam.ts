/** IAM: lists roles and evaluates policies for `doctor`. The local cloud itself allows every call. */
import type * as iam from '@aws-sdk/client-iam';
import { type Answer, awsError, type Handlers, matchesWildcard, only } from '../client.ts';
import type { Role, Statement } from './resources.ts';
import { account, type World } from './world.ts';

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
      throw new Error(`the operator ${test} is not evaluated here`);
  }
};

/** Allowed by some statement, and denied by none: as much of IAM's evaluation as the pipeline's policies use, and a refusal of the rest. */
export const isAllowed = (statements: readonly Statement[], { action, resource, context = {} }: Call): boolean => {
  const matching = statements.filter(
    ({ actions, resources, conditions = [] }) =>
      actions.some((one) => matchesWildcard(one, action)) &&
      resources.some((one) => matchesWildcard(one, resource)) &&
      conditions.every((one) => isMet(one, context)),
  );
  const effects = matching.map(({ effect = 'Allow' }) => effect.toLowerCase());
  return effects.includes('allow') && !effects.includes('deny');
};

/** What AWS leaves out of an answer, instead of refusing the call, where the right to it is not on everything. */
const narrowed: Record<string, (answer: object) => object> = {
  // CloudWatch API reference, DescribeAlarms and DescribeAlarmHistory.
  'cloudwatch:DescribeAlarms': (answer) => ({ ...answer, CompositeAlarms: [] }),
  'cloudwatch:DescribeAlarmHistory': (answer) => ({
    ...answer,
    AlarmHistoryItems: (answer as { AlarmHistoryItems?: { AlarmType?: string }[] }).AlarmHistoryItems?.filter(
      ({ AlarmType }) => AlarmType !== 'CompositeAlarm',
    ),
  }),
};

/** An answer as a caller with these rights sees it. */
export const seenWith = <T extends object>(statements: readonly Statement[], action: string, answer: T): T => {
  const narrow = narrowed[action];
  return narrow === undefined || isAllowed(statements, { action, resource: '*' }) ? answer : (narrow(answer) as T);
};

export const iamHandlers = (world: World) => {
  const view = ({ name, path }: Role): iam.Role => ({
    RoleName: name,
    Path: path,
    RoleId: `AROA${name.toUpperCase()}`,
    Arn: `arn:aws:iam::${account}:role${path}${name}`,
    CreateDate: new Date(0),
  });
  const known = (is: (role: Role) => boolean, what: string): Role => {
    const role = world.roles.find(is);
    if (role === undefined) throw awsError('NoSuchEntityException', `The role with name ${what} cannot be found.`);
    return role;
  };
  return {
    GetRole: (input: iam.GetRoleCommandInput): Answer<iam.GetRoleCommandOutput> => {
      only('iam GetRole', input, ['RoleName']);
      return { Role: view(known(({ name }) => name === input.RoleName, input.RoleName ?? '')) };
    },

    ListRoles: (input: iam.ListRolesCommandInput): Answer<iam.ListRolesCommandOutput> => {
      only('iam ListRoles', input, ['PathPrefix', 'Marker']);
      return { Roles: world.roles.filter(({ path }) => path.startsWith(input.PathPrefix ?? '/')).map(view) };
    },

    GetAccountSummary: (input: iam.GetAccountSummaryCommandInput): Answer<iam.GetAccountSummaryCommandOutput> => {
      only('iam GetAccountSummary', input, []);
      return { SummaryMap: { Roles: world.roles.length, RolesQuota: world.deployment.roles } };
    },

    GetInstanceProfile: (input: iam.GetInstanceProfileCommandInput): Answer<iam.GetInstanceProfileCommandOutput> => {
      only('iam GetInstanceProfile', input, ['InstanceProfileName']);
      // A console makes a role and its profile under one name.
      const name = input.InstanceProfileName ?? '';
      const role = view(known((one) => one.name === name, name));
      return {
        InstanceProfile: {
          InstanceProfileName: name,
          InstanceProfileId: `AIPA${name.toUpperCase()}`,
          Path: '/',
          Arn: `arn:aws:iam::${account}:instance-profile/${name}`,
          CreateDate: new Date(0),
          Roles: [role],
        },
      };
    },

    SimulatePrincipalPolicy: (
      input: iam.SimulatePrincipalPolicyCommandInput,
    ): Answer<iam.SimulatePrincipalPolicyCommandOutput> => {
      only('iam SimulatePrincipalPolicy', input, ['PolicySourceArn', 'ActionNames', 'ResourceArns', 'ContextEntries']);
      const { PolicySourceArn = '', ActionNames = [], ResourceArns = ['*'], ContextEntries = [] } = input;
      const { statements } = known((one) => view(one).Arn === PolicySourceArn, PolicySourceArn);
      const context = Object.fromEntries(
        ContextEntries.map(({ ContextKeyName = '', ContextKeyValues = [] }) => [
          ContextKeyName,
          ContextKeyValues[0] ?? '',
        ]),
      );
      return {
        EvaluationResults: ActionNames.flatMap((action) =>
          ResourceArns.map((resource) => ({
            EvalActionName: action,
            EvalResourceName: resource,
            EvalDecision: isAllowed(statements, { action, resource, context })
              ? ('allowed' as const)
              : ('implicitDeny' as const),
          })),
        ),
      };
    },
  } satisfies Handlers;
};
