/** Reads and builds the actions of a listener rule: whether it can be edited, its weights, and the actions to send back. */
import type { Action, Rule, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Rejected } from '../../../core/basics/errors.ts';
import type { Weights } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';

type Slots = Service['slots'];

/** A forward action and its groups, whether it was written with a list or with one plain ARN. */
export interface Forward {
  action: Action;
  groups: TargetGroupTuple[];
}

export const forwardsOf = ({ Actions = [] }: Rule): Forward[] =>
  Actions.filter(({ Type }) => Type === 'forward').map((action) => ({
    action,
    groups: action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }],
  }));

/** The one forward action of a rule that may be edited. Throws Rejected, with the remedy, for any other rule. */
export const editable = (rule: Rule, slots: Slots): Forward => {
  const refuse = (why: string, remedy: string): never => {
    throw new Rejected({ problem: `rule ${rule.RuleArn} cannot be used: ${why}`, remedy });
  };
  if (rule.IsDefault === true)
    refuse(
      "it is its listener's default rule, which cannot be modified",
      'add a rule with the condition path /* and name that one',
    );
  const [forward, ...others] = forwardsOf(rule);
  if (forward === undefined || others.length > 0)
    return refuse(
      `it has ${others.length === 0 ? 'no' : others.length + 1} forward actions`,
      'give it exactly one, to one or both of the target groups in `slots`',
    );
  const third = forward.groups.find(
    ({ TargetGroupArn }) => TargetGroupArn !== slots.blue && TargetGroupArn !== slots.green,
  );
  if (third !== undefined)
    refuse(`it also leads to ${third.TargetGroupArn}`, 'let it lead to the target groups in `slots` only');
  if (forward.action.ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true)
    refuse('its group stickiness keeps clients at the old version at every weight', 'switch it off');
  return forward;
};

const weightOf = (groups: TargetGroupTuple[], targetGroup: string): number =>
  groups.reduce((sum, { TargetGroupArn, Weight }) => sum + (TargetGroupArn === targetGroup ? (Weight ?? 1) : 0), 0);

/** ELB's weights are relative: 1 to 0 and 100 to 0 are the same, 1 to 3 is 25 to 75, and 0 to 0 leads nowhere. */
const percent = (groups: TargetGroupTuple[], targetGroup: string): number => {
  const total = groups.reduce((sum, { Weight }) => sum + (Weight ?? 1), 0);
  return total === 0 ? 0 : (weightOf(groups, targetGroup) * 100) / total;
};

export const slotWeights = ({ groups }: Forward, slots: Slots): Weights => ({
  blue: percent(groups, slots.blue),
  green: percent(groups, slots.green),
});

export const namesBoth = ({ groups }: Forward, slots: Slots): boolean =>
  [slots.blue, slots.green].every((arn) => groups.some(({ TargetGroupArn }) => TargetGroupArn === arn));

/** Percent of a rule's requests that go to the group; null when the rule does not name it. */
export const percentFor = (rule: Rule, targetGroup: string): number | null => {
  const naming = forwardsOf(rule).find(({ groups }) =>
    groups.some(({ TargetGroupArn }) => TargetGroupArn === targetGroup),
  );
  return naming === undefined ? null : percent(naming.groups, targetGroup);
};

/** Each target group that the rule's one forward action names, with its percentage. */
export const percentages = ({ groups }: Forward): { arn: string; percent: number }[] =>
  groups.map(({ TargetGroupArn: arn = '' }) => ({ arn, percent: percent(groups, arn) }));

/** All of the rule's actions, with its forward action to one target group alone: of the weight 1 that ELB gives to a sole one. */
export const actionsTo = (rule: Rule, forward: Forward, targetGroup: string): Action[] =>
  actionsWith(
    rule,
    { ...forward, groups: [{ TargetGroupArn: targetGroup }] },
    { blue: targetGroup, green: targetGroup },
    { blue: 1, green: 1 },
  );

/** All of the rule's actions with the weights edited, as ModifyRule takes them: it replaces the whole list. */
export const actionsWith = (rule: Rule, forward: Forward, slots: Slots, weights: Weights): Action[] =>
  (rule.Actions ?? []).map((action) => {
    if (action === forward.action) return edited(forward, slots, weights);
    // The secret is never read back, so it has to be named as the one that is there.
    if (action.AuthenticateOidcConfig !== undefined) {
      const { ClientSecret: _, ...config } = action.AuthenticateOidcConfig;
      return { ...action, AuthenticateOidcConfig: { ...config, UseExistingClientSecret: true } };
    }
    return action;
  });

const edited = ({ action, groups }: Forward, slots: Slots, weights: Weights): Action => {
  const wanted = new Map([
    [slots.blue, weights.blue],
    [slots.green, weights.green],
  ]);
  const kept = groups.map((group) => group.TargetGroupArn);
  const added = [...wanted.keys()].filter((arn) => !kept.includes(arn));
  const TargetGroups = [...groups, ...added.map((TargetGroupArn): TargetGroupTuple => ({ TargetGroupArn }))].map(
    (group) => ({
      ...group,
      Weight: wanted.get(group.TargetGroupArn ?? ''),
    }),
  );
  // DescribeRules answers both forms where there is one group; ModifyRule takes the plain one only if they agree.
  const { TargetGroupArn: _, ...rest } = action;
  return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups } };
};
