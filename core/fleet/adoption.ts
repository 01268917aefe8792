/** Adopts a running fleet: the changes to make, as a list that is shown first, then carried out in order. The reversed list undoes them. */

import { shortName, targetGroupName } from '../basics/arn.ts';
import type { Image } from '../basics/image.ts';
import { releaseOf } from '../basics/image.ts';
import { otherSlot, type Slot, slots } from '../basics/slot.ts';
import type { GroupsFleet, Service } from '../config/service.ts';
import { sourceModuleOf } from '../config/sources/sources.ts';
import type { Template } from '../plan/plan.ts';
import type { Live } from '../protocol/row.ts';

/** A target group that does not exist yet is written by its name. */
export interface SoughtSlots {
  blue: string;
  green: string;
}

export interface RuleFound {
  arn: string;
  /** Every target group that the rule forwards to, with its percentage. */
  groups: { arn: string; percent: number }[];
  /** The service in its `cutover:service` tag; null: no tag. */
  owner: string | null;
}

export interface TargetGroupFound {
  arn: string;
  name: string;
  /** Protocol, port, health check and attributes, which a second target group has to have, too. */
  settings: Record<string, string>;
  owner: string | null;
}

export interface GroupFound {
  name: string;
  arn: string;
  min: number;
  desired: number;
  /** ARNs of the target groups that the group is attached to. */
  attached: string[];
  template: Template;
  /** The AMI that its launch template names. */
  ami: string | null;
  /** Whether it has scheduled actions, and whether they run. */
  schedules: boolean;
  scheduling: boolean;
  owner: string | null;
}

/** The account as it is. Null: the resource does not exist. */
export interface AdoptionFacts {
  rules: RuleFound[];
  targetGroups: Record<Slot, TargetGroupFound | null>;
  groups: Record<Slot, GroupFound | null>;
}

/** One change: the resource, and everything that is needed to undo it. */
export type Act =
  | { kind: 'makeTargetGroup' | 'deleteTargetGroup'; slot: Slot; name: string; like: string }
  | { kind: 'attach' | 'detach'; group: string; slot: Slot }
  /** `pair`: a rule forwards to both slots, all weight on this one. `single`: it forwards to this slot alone. */
  | { kind: 'pair' | 'single'; rule: string; slot: Slot }
  | { kind: 'tag' | 'untag'; what: 'rule' | 'target group' | 'group'; of: string; slot: Slot | null }
  | { kind: 'suspend' | 'resume'; group: string };

const inverses = {
  makeTargetGroup: 'deleteTargetGroup',
  deleteTargetGroup: 'makeTargetGroup',
  attach: 'detach',
  detach: 'attach',
  pair: 'single',
  single: 'pair',
  tag: 'untag',
  untag: 'tag',
  suspend: 'resume',
  resume: 'suspend',
} as const satisfies Record<Act['kind'], Act['kind']>;

/** The change that undoes another one. Carrying out either twice is harmless. */
export const inverse = (act: Act): Act => ({ ...act, kind: inverses[act.kind] }) as Act;

export type Adoption =
  | { ok: false; problems: string[] }
  | {
      ok: true;
      live: Slot;
      acts: Act[];
      /** The running fleet, as a release. */
      release: Pick<Live, 'release' | 'image' | 'template' | 'slot'>;
    };

/** The changes that adopting needs, or everything that prevents it, each with its remedy. */
export const adoptionOf = (service: Service, sought: SoughtSlots, facts: AdoptionFacts): Adoption => {
  const live = liveSlot(facts);
  if (live === null) return { ok: false, problems: [undecided(service, facts)] };
  const idle = otherSlot(live);
  const problems = [
    ...ruleProblems(service, facts),
    ...groupProblems(service, facts, live),
    ...targetGroupProblems(service, facts, live),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const { targetGroups, groups, rules } = facts;
  const serving = groups[live] as GroupFound;
  const resting = groups[idle] as GroupFound;
  const like = targetGroups[live] as TargetGroupFound;
  const second = targetGroups[idle];
  const acts: Act[] = [
    ...(second === null
      ? [{ kind: 'makeTargetGroup', slot: idle, name: targetGroupName(sought[idle]), like: like.arn } as const]
      : []),
    // The target group comes first, so that the first instance that the group ever launches is checked and can be used.
    ...rules
      .filter(({ groups: named }) => second === null || !named.some(({ arn }) => arn === second.arn))
      .map(({ arn }) => ({ kind: 'pair', rule: arn, slot: live }) as const),
    ...(second !== null && resting.attached.includes(second.arn)
      ? []
      : [{ kind: 'attach', group: resting.name, slot: idle } as const]),
    ...(resting.schedules && resting.scheduling ? [{ kind: 'suspend', group: resting.name } as const] : []),
    ...rules
      .filter(({ owner }) => owner === null)
      .map(({ arn }) => ({ kind: 'tag', what: 'rule', of: arn, slot: null }) as const),
    ...slots.flatMap((slot): Act[] =>
      targetGroups[slot]?.owner === service.name
        ? []
        : [{ kind: 'tag', what: 'target group', of: targetGroups[slot]?.arn ?? '', slot }],
    ),
    ...slots.flatMap((slot): Act[] =>
      groups[slot]?.owner === service.name
        ? []
        : [{ kind: 'tag', what: 'group', of: (groups[slot] as GroupFound).name, slot }],
    ),
  ];
  return { ok: true, live, acts, release: { ...adopted(service, serving), template: serving.template, slot: live } };
};

/** The changes that give a service back: each rule leads to the live slot alone, and the ownership tags are removed. */
export const unadoptActs = ({ name }: Service, live: Slot, { rules, targetGroups, groups }: AdoptionFacts): Act[] => [
  ...rules
    .filter(({ groups: named }) => named.length > 1)
    .map(({ arn }) => ({ kind: 'single', rule: arn, slot: live }) as const),
  ...rules
    .filter(({ owner }) => owner === name)
    .map(({ arn }) => ({ kind: 'untag', what: 'rule', of: arn, slot: null }) as const),
  ...slots.flatMap((slot): Act[] =>
    targetGroups[slot]?.owner === name
      ? [{ kind: 'untag', what: 'target group', of: targetGroups[slot].arn, slot }]
      : [],
  ),
  ...slots.flatMap((slot): Act[] =>
    groups[slot]?.owner === name ? [{ kind: 'untag', what: 'group', of: groups[slot].name, slot }] : [],
  ),
];

/** The slot whose target group gets all traffic from every rule; null: there is none. */
const liveSlot = ({ rules, targetGroups }: AdoptionFacts): Slot | null =>
  slots.find((slot) => {
    const arn = targetGroups[slot]?.arn;
    return (
      rules.length > 0 &&
      rules.every(({ groups }) => groups.every((group) => group.percent === (group.arn === arn ? 100 : 0)))
    );
  }) ?? null;

const undecided = ({ name }: Service, { rules }: AdoptionFacts): string =>
  `the rules of ${name} do not all lead to the same one of its two target groups, so it is not clear which fleet serves: ${rules
    .map(
      ({ arn, groups }) =>
        `${shortName(arn)} to ${groups.map((group) => `${shortName(group.arn)} (${group.percent} %)`).join(', ')}`,
    )
    .join('; ')}; give the same target group all the weight on every rule`;

const ruleProblems = ({ name }: Service, { rules }: AdoptionFacts): string[] =>
  rules.flatMap(({ arn, owner }) =>
    owner === null || owner === name ? [] : [`${shortName(arn)} is tagged as ${owner}'s: a rule leads to one service`],
  );

const groupProblems = ({ name, fleet }: Service, { groups, targetGroups }: AdoptionFacts, live: Slot): string[] => {
  const missing = slots.filter((slot) => groups[slot] === null);
  if (missing.length > 0)
    return missing.map(
      (slot) =>
        `there is no Auto Scaling group ${(fleet as GroupsFleet)[slot]}: make a second one yourself, with the same launch template settings, subnets and health check as the first, minimum and desired capacity 0 (examples/terraform has both)`,
    );
  const serving = groups[live] as GroupFound;
  const resting = groups[otherSlot(live)] as GroupFound;
  const fault = (is: boolean, text: string): string[] => (is ? [text] : []);
  return [
    ...[serving, resting].flatMap(({ name: group, owner }) =>
      fault(owner !== null && owner !== name, `${group} is tagged as ${owner}'s: a group belongs to one service`),
    ),
    ...fault(
      !serving.attached.includes(targetGroups[live]?.arn ?? ''),
      `${serving.name} is not attached to the target group that its traffic goes to, ${targetGroups[live]?.name}: attach it, or write the group that serves into the configuration`,
    ),
    ...fault(
      resting.attached.includes(targetGroups[live]?.arn ?? ''),
      `${resting.name} is attached to the target group that serves, ${targetGroups[live]?.name}: detach it: its instances belong to the other target group`,
    ),
    ...fault(
      resting.min > 0 || resting.desired > 0,
      `${resting.name} is to be the idle group and has a minimum of ${resting.min} and a desired capacity of ${resting.desired}: set both to 0`,
    ),
  ];
};

/** An existing second target group must have the same settings, or a fleet could be healthy in one and not in the other. */
const targetGroupProblems = ({ name }: Service, { targetGroups }: AdoptionFacts, live: Slot): string[] => {
  const serving = targetGroups[live] as TargetGroupFound;
  const second = targetGroups[otherSlot(live)];
  const owned = slots.flatMap((slot) => {
    const found = targetGroups[slot];
    return found === null || found.owner === null || found.owner === name
      ? []
      : [`target group ${found.name} is tagged as ${found.owner}'s: a target group is a slot of one service`];
  });
  if (second === null) return owned;
  const differing = Object.keys({ ...serving.settings, ...second.settings }).filter(
    (key) => serving.settings[key] !== second.settings[key],
  );
  const differences = differing.map(
    (key) => `${key} ${serving.settings[key] ?? 'nothing'} and ${second.settings[key] ?? 'nothing'}`,
  );
  return differing.length === 0
    ? owned
    : [...owned, `${serving.name} and ${second.name} differ in ${differences.join(', ')}: make them the same`];
};

/** A fleet that was not launched by Cutover has no release name. An AMI names one; for other images only the instances know. */
const adopted = ({ image: source }: Service, { ami, template }: GroupFound): { release: string; image: Image } => {
  if (ami !== null && sourceModuleOf(source).mayBeAmi) {
    const image = { reference: ami, ami, label: ami };
    return { release: releaseOf(image), image };
  }
  return { release: 'adopted', image: { reference: '', label: `as found, version ${template.version}` } };
};

/** `target group shop-blue`, `rule …6cabee of web`, `group shop`. */
const taggedName = ({ what, of, slot }: Act & { kind: 'tag' | 'untag' }, targetGroups: SoughtSlots): string => {
  const name = shortName(of || targetGroups[slot ?? 'blue']);
  return name.startsWith(`${what} `) ? name : `${what} ${name}`;
};

/** One change in words. */
export const actText = (act: Act, { name, slots: targetGroups }: Pick<Service, 'name' | 'slots'>): string => {
  switch (act.kind) {
    case 'makeTargetGroup':
      return `make the target group ${act.name} for ${act.slot}, like ${targetGroupName(act.like)}`;
    case 'deleteTargetGroup':
      return `delete the target group ${act.name}`;
    case 'attach':
      return `attach the group ${act.group} to the target group of ${act.slot}`;
    case 'detach':
      return `detach the group ${act.group} from the target group of ${act.slot}`;
    case 'pair':
      return `let ${shortName(act.rule)} forward to both target groups, 100 % to ${act.slot} as now and 0 % to ${otherSlot(act.slot)}`;
    case 'single':
      return `let ${shortName(act.rule)} forward to the target group of ${act.slot} alone`;
    case 'tag':
      return `tag the ${taggedName(act, targetGroups)} with cutover:service = ${name}`;
    case 'untag':
      return `take the tag cutover:service off the ${taggedName(act, targetGroups)}`;
    case 'suspend':
      return `suspend the scheduled actions of ${act.group}, which is idle (they run on the group that serves)`;
    case 'resume':
      return `resume the scheduled actions of ${act.group}`;
    default:
      return act satisfies never;
  }
};
