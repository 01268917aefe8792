/** Doctor's findings about permissions that the pipeline lacks: missing tags, roles and policies. */
import { slots } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import type { Asked, Denied } from '../../ports/inspection.ts';
import { entry, type Look } from './entry.ts';

/** The resources that the pipeline changes, and may change only with the service's tag. */
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

/** Roles that AWS creates when a service is first used in the console. A new account may lack them. */
const serviceRoles = ({ service, spot }: { service: Service; spot: boolean }): [role: string, host: string][] => [
  ['AWSServiceRoleForElasticLoadBalancing', 'elasticloadbalancing.amazonaws.com'],
  ...(service.fleet.kind === 'groups'
    ? ([['AWSServiceRoleForAutoScaling', 'autoscaling.amazonaws.com']] as [string, string][])
    : []),
  ...(spot ? ([['AWSServiceRoleForEC2Spot', 'spot.amazonaws.com']] as [string, string][]) : []),
];

/** The actions on this service's resources that a policy could deny, by function. */
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

export const tags = entry<{ what: string; arn: string; owner: string | null }>({
  name: 'tags',
  observe: owned,
  problem: ({ what, owner }, { service }) =>
    owner === service.name
      ? null
      : owner === null
        ? `${what} lacks the tag cutover:service; without it IAM does not let the pipeline change it`
        : `${what} is tagged as ${owner}'s`,
  remedy: ({ arn, owner }, { service }) =>
    owner === null
      ? `tag it: ${tagCommand(arn, service.name)}`
      : `write it into the configuration of one service only; if it belongs to ${service.name} now: ${tagCommand(arn, service.name)}`,
});

export const serviceLinkedRoles = entry<string>({
  name: 'service-linked roles',
  observe: async (look) => {
    const spot = (await look.flags()).some((flags) => flags.spot);
    const missing: string[] = [];
    for (const [role, host] of serviceRoles({ ...look, spot }))
      if (!(await look.ports.inspection.hasRole(role))) missing.push(host);
    return missing;
  },
  problem: (host) =>
    `this account has no service-linked role of ${host}, because that service has not been used in it yet`,
  remedy: (host) => `aws iam create-service-linked-role --aws-service-name ${host}`,
});

export const permissions = entry<[name: string, Denied]>({
  name: 'permissions of the pipeline',
  observe: async (look) => {
    const { roles, ports } = look;
    if (roles === null) return [];
    const [flags] = await look.flags();
    const denied: [string, Denied][] = [];
    for (const [name, asked] of askedOf(look, flags?.role ?? null))
      for (const one of await ports.inspection.denied(`${roles}${name}/`, asked)) denied.push([name, one]);
    return denied;
  },
  problem: ([name, { action, resource, unanswered }]) =>
    unanswered
      ? `it could not be checked whether the pipeline's function ${name} may ${action} on ${resource}: IAM's simulation gave no result`
      : `the pipeline's function ${name} may not ${action} on ${resource}`,
  remedy: ([name, { action, resource, unanswered }]) => {
    if (unanswered) return `run doctor again; if the result is the same, look at the policies of the role of ${name}`;
    return action === 'iam:PassRole'
      ? `add ${resource} to instanceRoles and deploy the pipeline again`
      : 'deploy the pipeline again, and check whether a permissions boundary or a policy of the organisation denies it';
  },
});
