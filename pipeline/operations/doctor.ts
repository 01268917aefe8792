/** What would go wrong with a service in its account, looked for before anything does. One entry is one kind of finding; nothing is touched. */

import { formatDuration } from '../../core/basics/duration.ts';
import { Rejected } from '../../core/basics/errors.ts';
import { type Finding, findingText } from '../../core/basics/finding.ts';
import { allOn, otherSlot, type Slot, slots } from '../../core/basics/slot.ts';
import type { Service } from '../../core/config/service.ts';
import { sourceText } from '../../core/config/sources/sources.ts';
import type { AdoptionFacts } from '../../core/fleet/adoption.ts';
import type { Template } from '../../core/plan/plan.ts';
import { oldSlotOf } from '../../core/plan/planning.ts';
import { firstRow, type Row } from '../../core/protocol/row.ts';
import type { Found } from '../ports/images.ts';
import type { Asked, TemplateFlags } from '../ports/inspection.ts';
import type { AlarmView } from '../ports/metrics.ts';
import type { Ports } from '../ports/ports.ts';
import {
  capacityProblems,
  disagreement,
  foreignRules,
  missingAlarms,
  strangers,
} from '../shared/admission-findings.ts';
import { rowFromRules } from '../shared/first-row.ts';
import { named } from './services.ts';

export type Needs = Pick<Ports, 'fleet' | 'preflight' | 'traffic' | 'metrics' | 'ownership' | 'images' | 'inspection'>;

/** What entries look at, and with what. */
interface Look {
  ports: Needs;
  service: Service;
  row: Row;
  old: Slot;
  fresh: Slot;
  facts: AdoptionFacts & { problems: Finding[] };
  /** Both slots and every rule exist and are as they have to be: only then can what is between them be asked for. */
  sound: boolean;
  /** What the slot that takes the new fleet is launched from; null where `unusable` says why not, or a group that is missing. */
  template: Template | null;
  unusable: Finding[];
  /** Asked for once, whichever entries look at it: the flags of `template`, none without one; the configured alarms; the newest image. */
  flags(): Promise<TemplateFlags[]>;
  alarms(): Promise<AlarmView[]>;
  newest(): Promise<Found | null>;
  /** Where the pipeline's roles are; null: nowhere. */
  roles: string | null;
}

/** One kind of finding. */
interface Entry<Seen> {
  /** What is looked at, for people. */
  name: string;
  /** Each thing that may be wrong. What AWS itself refuses to tell is a finding of its own. */
  observe(look: Look): readonly Seen[] | Promise<readonly Seen[]>;
  /** Null: nothing is wrong with it. */
  problem(seen: Seen, look: Look): string | null;
  remedy(seen: Seen, look: Look): string;
}

const entry = <Seen>(one: Entry<Seen>): Entry<unknown> => one as Entry<unknown>;

/** What finds and advises by itself. */
const findings = (name: string, observe: (look: Look) => readonly Finding[] | Promise<readonly Finding[]>) =>
  entry<Finding>({ name, observe, problem: ({ problem }) => problem, remedy: ({ remedy }) => remedy });

const settingsOf = ({ facts }: Look) =>
  slots.flatMap((slot) => {
    const group = facts.targetGroups[slot];
    if (group === null) return [];
    const number = (key: string): number => Number(group.settings[key] ?? 0);
    return [
      {
        name: group.name,
        healthyAfter: number('HealthCheckIntervalSeconds') * number('HealthyThresholdCount'),
        draining: number('deregistration_delay.timeout_seconds'),
        slowStart: number('slow_start.duration_seconds'),
      },
    ];
  });

/** A rollout waits for connections as long as its target group says, and the next image waits for the rollout. */
const longestDraining = 900;

/** What the pipeline acts on, and that IAM knows as a service's own by its tag. */
const owned = ({ facts, service }: Look) => [
  ...facts.rules.map(({ arn, owner }) => ({ what: `rule ${arn}`, arn, owner })),
  ...slots.flatMap((slot) => {
    const group = facts.targetGroups[slot];
    return group === null ? [] : [{ what: `target group ${group.name}`, arn: group.arn, owner: group.owner }];
  }),
  ...(service.fleet.kind === 'groups' ? slots : []).flatMap((slot) => {
    const group = facts.groups[slot];
    return group === null ? [] : [{ what: `Auto Scaling group ${group.name}`, arn: group.name, owner: group.owner }];
  }),
];

const tagCommand = (arn: string, service: string): string =>
  arn.startsWith('arn:')
    ? `aws elbv2 add-tags --resource-arns ${arn} --tags Key=cutover:service,Value=${service}`
    : `aws autoscaling create-or-update-tags --tags ResourceId=${arn},ResourceType=auto-scaling-group,Key=cutover:service,Value=${service},PropagateAtLaunch=false`;

/** Roles that AWS makes when a service is first used from its console, and that an account which never did lacks. */
const serviceRoles = ({ service, spot }: { service: Service; spot: boolean }): [role: string, host: string][] => [
  ['AWSServiceRoleForElasticLoadBalancing', 'elasticloadbalancing.amazonaws.com'],
  ...(service.fleet.kind === 'groups'
    ? ([['AWSServiceRoleForAutoScaling', 'autoscaling.amazonaws.com']] as [string, string][])
    : []),
  ...(spot ? ([['AWSServiceRoleForEC2Spot', 'spot.amazonaws.com']] as [string, string][]) : []),
];

/** What of this service a role's policy or an organisation's may still deny, by function. */
const askedOf = ({ service, facts }: Look, role: string | null): [name: string, Asked[]][] => {
  const context = { 'aws:ResourceTag/cutover:service': service.name };
  const groups = slots.flatMap((slot) => facts.groups[slot] ?? []);
  const targetGroups = slots.flatMap((slot) => facts.targetGroups[slot] ?? []);
  const on = (action: string, resources: { arn: string }[]): Asked[] =>
    resources.map(({ arn }) => ({ action, resource: arn, context }));
  const passed: Asked[] =
    role === null
      ? []
      : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }];
  const moving =
    service.fleet.kind === 'groups'
      ? on('autoscaling:UpdateAutoScalingGroup', groups)
      : on('elasticloadbalancing:RegisterTargets', targetGroups);
  return [
    ['shift', on('elasticloadbalancing:ModifyRule', facts.rules)],
    ['check-ready', [...moving, ...passed]],
    ['remove', on('elasticloadbalancing:DeregisterTargets', targetGroups)],
  ];
};

const accountOf = ({ rules: [rule = ''] }: Service): string => rule.split(':')[4] ?? '';

/** What an admission refuses as well. */
const admission: Entry<unknown>[] = [
  findings('rules', ({ facts }) => facts.problems),
  findings('weights', async ({ facts, sound, row, service, ports }) =>
    sound && facts.rules.length > 0 ? disagreement(row, service, await ports.traffic.weights(service)) : [],
  ),
  findings('rules of others', async ({ sound, service, ports }) => (sound ? foreignRules(ports, service) : [])),
  entry<Slot>({
    name: 'slots',
    observe: ({ facts }) => slots.filter((slot) => facts.targetGroups[slot] === null),
    problem: (slot, { service }) => `there is no target group ${service.slots[slot]}`,
    remedy: (slot) => `correct slots.${slot}, or make it`,
  }),
  findings('targets of others', async ({ sound, service, fresh, ports }) =>
    sound
      ? strangers(fresh, await ports.traffic.health(service, fresh), await ports.fleet.observe(service, fresh))
      : [],
  ),
  findings('alarms', async ({ service, alarms }) => missingAlarms(service, await alarms())),
  findings('launch template', ({ unusable }) => unusable),
  findings('fleet, quotas, addresses and zones', async ({ service, old, template, ports }) => {
    const { number } = await ports.fleet.observe(service, old);
    return capacityProblems(ports, service, old, template ?? { id: '', version: '', types: [] }, number);
  }),
];

/** What a rollout would only meet on its way, or be slower or blinder for. */
const further: Entry<unknown>[] = [
  entry<{ what: string; arn: string; owner: string | null }>({
    name: 'tags',
    observe: owned,
    problem: ({ what, owner }, { service }) =>
      owner === service.name
        ? null
        : owner === null
          ? `${what} does not bear the tag cutover:service, without which the pipeline may not change it`
          : `${what} is tagged as ${owner}'s`,
    remedy: ({ arn, owner }, { service }) =>
      owner === null
        ? `tag it: ${tagCommand(arn, service.name)}`
        : `name it in one service only; if it is ${service.name}'s now: ${tagCommand(arn, service.name)}`,
  }),
  entry<ReturnType<typeof settingsOf>[number]>({
    name: 'health checks',
    observe: settingsOf,
    problem: ({ name, healthyAfter }, { service: { checks } }) =>
      healthyAfter < checks.readyWithin
        ? null
        : `${name} calls a target healthy after ${formatDuration(healthyAfter)} at the earliest, and a fleet has to be ready within ${formatDuration(checks.readyWithin)}`,
    remedy: () =>
      'set a shorter interval or a lower healthy threshold on both target groups, or a longer checks.readyWithin',
  }),
  entry<ReturnType<typeof settingsOf>[number]>({
    name: 'draining',
    observe: settingsOf,
    problem: ({ name, draining }) =>
      draining === 0
        ? `${name} lets nothing drain: requests under way fail when a target leaves`
        : draining > longestDraining
          ? `${name} drains for ${formatDuration(draining)}, so that every rollout lasts that much longer and the next image waits for it`
          : null,
    remedy: () =>
      'set deregistration_delay.timeout_seconds of both target groups to what the longest request takes, 300 seconds at the most usual',
  }),
  entry<ReturnType<typeof settingsOf>[number]>({
    name: 'slow start',
    observe: settingsOf,
    problem: ({ name, slowStart }, { service: { strategy } }) => {
      const bakes = strategy.steps.flatMap(({ bake }) => (bake > 0 ? [bake] : []));
      return slowStart > 0 && slowStart >= Math.min(...bakes)
        ? `${name} gives a new target its share over ${formatDuration(slowStart)}, longer than the shortest bake: a weight would be judged before it is in force`
        : null;
    },
    remedy: () => 'set slow_start.duration_seconds to 0, or lengthen the bakes',
  }),
  entry<{ name: string; state: string }>({
    name: 'state of alarms',
    observe: ({ alarms }) => alarms(),
    problem: ({ name, state }) =>
      state === 'ALARM'
        ? `alarm ${name} is on now: it is muted in rollouts until it has been OK for a full period`
        : state === 'INSUFFICIENT_DATA'
          ? `alarm ${name} has no data: it would abort nothing`
          : null,
    remedy: ({ state }) =>
      state === 'ALARM'
        ? 'find out why before the next rollout'
        : 'correct its metric and dimensions, or take it out of checks.alarms',
  }),
  entry<TemplateFlags>({
    name: 'metadata',
    observe: ({ flags }) => flags(),
    problem: ({ name, metadata }) =>
      metadata ? null : `${name} switches instance metadata off, from where an instance learns its release`,
    remedy: () => 'set MetadataOptions.HttpEndpoint to enabled in a new default version',
  }),
  entry<TemplateFlags>({
    name: 'termination protection',
    observe: ({ flags }) => flags(),
    problem: ({ name, protected: kept }, { service }) =>
      kept && service.fleet.kind === 'instances'
        ? `${name} protects its instances from termination: none could be removed`
        : null,
    remedy: () => 'set DisableApiTermination to false in a new default version',
  }),
  entry<TemplateFlags>({
    name: 'spot requests',
    observe: ({ flags }) => flags(),
    problem: ({ name, returning }) =>
      returning ? `${name} asks for spot instances that come back by themselves: what is removed would return` : null,
    remedy: () =>
      'set SpotInstanceType to one-time and InstanceInterruptionBehavior to terminate in a new default version',
  }),
  entry<string>({
    name: 'service-linked roles',
    observe: async (look) => {
      const spot = (await look.flags()).some((flags) => flags.spot);
      const missing: string[] = [];
      for (const [role, host] of serviceRoles({ ...look, spot }))
        if (!(await look.ports.inspection.hasRole(role))) missing.push(host);
      return missing;
    },
    problem: (host) => `this account has no service-linked role of ${host}, as nobody has used that service yet`,
    remedy: (host) => `aws iam create-service-linked-role --aws-service-name ${host}`,
  }),
  entry<[name: string, Asked]>({
    name: 'permissions of the pipeline',
    observe: async (look) => {
      const { roles, ports } = look;
      if (roles === null) return [];
      const [flags] = await look.flags();
      const denied: [string, Asked][] = [];
      for (const [name, asked] of askedOf(look, flags?.role ?? null))
        for (const one of await ports.inspection.denied(`${roles}${name}/`, asked)) denied.push([name, one]);
      return denied;
    },
    problem: ([name, { action, resource }]) => `the pipeline's function ${name} may not ${action} on ${resource}`,
    remedy: ([, { action, resource }]) =>
      action === 'iam:PassRole'
        ? `add ${resource} to instanceRoles and deploy the pipeline again`
        : 'deploy the pipeline again, and see whether a boundary or a policy of the organisation denies it',
  }),
  entry<string>({
    name: 'images',
    observe: async ({ service, newest }) => ((await newest()) === null ? [sourceText(service.image)] : []),
    problem: (source) => `${source} has no image that could be rolled out`,
    remedy: () => 'publish one, or correct `image`',
  }),
  entry<string>({
    name: 'keys of images',
    observe: async (look) => {
      const found = await look.newest();
      const [flags] = await look.flags();
      const ami = found?.image.ami ?? flags?.ami ?? null;
      return ami === null ? [] : look.ports.inspection.imageKeys(ami);
    },
    problem: (key, { service }) =>
      key.split(':')[4] === accountOf(service)
        ? null
        : `the image is encrypted with the key ${key} of another account: launches fail, and say so only in an instance's state reason`,
    remedy: (_, { service }) =>
      `copy the image with a key of this account, or let the other one grant its key to ${service.fleet.kind === 'groups' ? 'AWSServiceRoleForAutoScaling' : 'the pipeline'}`,
  }),
];

/** What is refused is found, with the remedy that came with it; what nobody could look at is thrown. */
const orRefusal = async <T>(look: () => T | Promise<T>, refused: (finding: Finding) => T): Promise<T> => {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return refused(error.finding);
  }
};

/** Its answer, or its refusal, is every caller's. */
const once = <T>(look: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= look();
    return asked;
  };
};

/** `known`: the service's row; null: nothing was ever decided about it. */
const lookAt = async (ports: Needs, known: Row | null, service: Service, roles: string | null): Promise<Look> => {
  const row =
    known ??
    (await orRefusal(
      () => rowFromRules(ports, service),
      () => firstRow(service.name, allOn('blue'), 0),
    ));
  const old = oldSlotOf(row);
  const fresh = otherSlot(old);
  const facts = await ports.ownership.look(service, service.slots);
  const complete = service.fleet.kind === 'instances' || slots.every((slot) => facts.groups[slot] !== null);
  const nothing = { template: null, unusable: [] };
  const launched = complete
    ? await orRefusal<Pick<Look, 'template' | 'unusable'>>(
        async () => ({ template: await ports.fleet.template(service, fresh), unusable: [] }),
        (finding) => ({ template: null, unusable: [finding] }),
      )
    : nothing;
  const sound = facts.problems.length === 0 && slots.every((slot) => facts.targetGroups[slot] !== null) && complete;
  const { template } = launched;
  return {
    ...{ ports, service, row, old, fresh, facts, sound, ...launched, roles },
    flags: once(async () => (template === null ? [] : [await ports.inspection.template(template)])),
    alarms: once(() => ports.metrics.alarms(service.checks.alarms)),
    newest: once(() => ports.images.newest(service)),
  };
};

const run = async (entries: Entry<unknown>[], look: Look): Promise<Finding[]> => {
  const found: Finding[] = [];
  for (const { observe, problem, remedy } of entries)
    found.push(
      ...(await orRefusal(
        async () =>
          (
            await observe(look)
          ).flatMap((seen) => {
            const text = problem(seen, look);
            return text === null ? [] : [{ problem: text, remedy: remedy(seen, look) }];
          }),
        (finding) => [finding],
      )),
    );
  // Two looks may meet the same wall.
  return [...new Map(found.map((finding) => [findingText(finding), finding])).values()];
};

/** What is looked at, in order. */
export const examined: readonly string[] = [...admission, ...further].map(({ name }) => name);

/** Everything about the account that would go wrong, each with its remedy. `roles`: the path of the pipeline's roles, null where it has none. */
export const examine = async (
  ports: Needs,
  row: Row | null,
  service: Service,
  roles: string | null,
): Promise<Finding[]> => run([...admission, ...further], await lookAt(ports, row, service, roles));

/** The part of it that an admission of the next image would refuse, in sentences. */
export const accountProblems = async (ports: Needs, row: Row | null, service: Service): Promise<string[]> =>
  (await run(admission, await lookAt(ports, row, service, null))).map(findingText);

/** The services' findings by name; of the one that is named, or of all. */
export const examineServices = async (
  ports: Needs & Pick<Ports, 'ledger'>,
  services: readonly Service[],
  given: string | undefined,
  { roles, onService }: { roles: string | null; onService: (name: string, findings: Finding[]) => void },
): Promise<Record<string, Finding[]>> => {
  const names = services.map(({ name }) => name);
  const chosen = given === undefined ? names : [named(given, names)];
  const found: Record<string, Finding[]> = {};
  for (const service of services.filter(({ name }) => chosen.includes(name))) {
    const findings = await examine(ports, await ports.ledger.row(service.name), service, roles);
    found[service.name] = findings;
    onService(service.name, findings);
  }
  return found;
};
