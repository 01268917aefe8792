/** The ownership port: what adopting and unadopting a fleet read, and each change that they make. */
import {
  AttachLoadBalancerTargetGroupsCommand,
  CreateOrUpdateTagsCommand,
  DeleteTagsCommand,
  DescribeScheduledActionsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  ModifyRuleCommand,
  RemoveTagsCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Rejected } from '../../core/basics/errors.ts';
import type { Finding } from '../../core/basics/finding.ts';
import { allOn, type Slot, slots } from '../../core/basics/slot.ts';
import type { GroupFound, RuleFound } from '../../core/fleet/adoption.ts';
import type { Ownership } from '../../pipeline/ports/ownership.ts';
import { codeOf, send } from './aws-errors.ts';
import { batchesOf, type Client } from './client.ts';
import { findGroups, type Group, limitsOf, specificationOf } from './groups/auto-scaling.ts';
import { groupOf, schedules } from './groups/groups-fleet.ts';
import { actionsTo, actionsWith, editable, percentages } from './load-balancer/rule-actions.ts';
import { deleteTargetGroup, findTargetGroup, makeTargetGroup } from './load-balancer/target-group.ts';

/** IAM reaches what is a service's own by this tag. */
const key = 'cutover:service';

const tagsPerCall = 20;

const noRule = (arn: string): Finding => ({ problem: `there is no rule ${arn}`, remedy: 'correct `rules`' });

interface Clients {
  ec2: Client;
  elb: Client;
  autoscaling: Client;
}

export const ownershipOf = ({ ec2, elb, autoscaling }: Clients): Ownership => {
  const ownersOf = async (arns: string[]): Promise<Map<string, string>> => {
    const owners = new Map<string, string>();
    for (const ResourceArns of batchesOf(arns, tagsPerCall)) {
      const { TagDescriptions = [] } = await send(elb, new DescribeTagsCommand({ ResourceArns }));
      for (const { ResourceArn = '', Tags = [] } of TagDescriptions) {
        const owner = Tags.find(({ Key }) => Key === key)?.Value;
        if (owner !== undefined) owners.set(ResourceArn, owner);
      }
    }
    return owners;
  };

  const ruleOf = async (arn: string): Promise<Rule> => {
    const { Rules: [rule] = [] } = await send(elb, new DescribeRulesCommand({ RuleArns: [arn] }));
    if (rule === undefined) throw new Rejected(noRule(arn));
    return rule;
  };

  const groupFound = async (group: Group): Promise<GroupFound> => {
    const { AutoScalingGroupName: name, AutoScalingGroupARN: arn, MinSize, DesiredCapacity, Tags = [] } = group;
    const { LaunchTemplateId: id = '', Version: version = '' } = specificationOf(group);
    const [{ LaunchTemplateVersions: [found] = [] }, { ScheduledUpdateGroupActions = [] }] = await Promise.all([
      send(ec2, new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] })),
      send(autoscaling, new DescribeScheduledActionsCommand({ AutoScalingGroupName: name })),
    ]);
    const { ImageId, InstanceType } = found?.LaunchTemplateData ?? {};
    return {
      name,
      arn,
      min: MinSize,
      desired: DesiredCapacity,
      attached: group.TargetGroupARNs ?? [],
      template: {
        id,
        version: String(found?.VersionNumber ?? version),
        types: InstanceType === undefined ? [] : [InstanceType],
      },
      ami: ImageId ?? null,
      schedules: ScheduledUpdateGroupActions.length > 0,
      scheduling: !limitsOf(group).suspended.includes(schedules),
      owner: Tags.find(({ Key }) => Key === key)?.Value ?? null,
    };
  };

  return {
    look: async (service, sought) => {
      const problems: Finding[] = [];
      const rules: RuleFound[] = [];
      const [blue, green] = await Promise.all([findTargetGroup(elb, sought.blue), findTargetGroup(elb, sought.green)]);
      const targetGroups = { blue, green };
      const known = { blue: blue?.arn ?? service.slots.blue, green: green?.arn ?? service.slots.green };
      for (const arn of service.rules) {
        try {
          rules.push({ arn, groups: percentages(editable(await ruleOf(arn), known)), owner: null });
        } catch (error) {
          if (!(error instanceof Rejected)) throw error;
          problems.push(/^RuleNotFound/.test(codeOf(error)) ? noRule(arn) : error.finding);
        }
      }
      // One ARN that is not there would fail the question about all of them.
      const owners = await ownersOf(
        [...rules, ...Object.values(targetGroups)].flatMap((found) => (found === null ? [] : [found.arn])),
      );
      for (const rule of rules) rule.owner = owners.get(rule.arn) ?? null;
      const { fleet } = service;
      const named = fleet.kind === 'groups' ? slots.map((slot) => groupOf(fleet, slot)) : [];
      const found = named.length === 0 ? [] : await findGroups(autoscaling, named);
      const groupIn = async (slot: Slot): Promise<GroupFound | null> => {
        const group = found.find((one) => fleet.kind === 'groups' && one.AutoScalingGroupName === fleet[slot]);
        return group === undefined ? null : groupFound(group);
      };
      for (const slot of slots) {
        const owner = targetGroups[slot] === null ? undefined : owners.get(targetGroups[slot].arn);
        if (targetGroups[slot] !== null) targetGroups[slot] = { ...targetGroups[slot], owner: owner ?? null };
      }
      return { problems, rules, targetGroups, groups: { blue: await groupIn('blue'), green: await groupIn('green') } };
    },

    perform: async (service, act) => {
      const done = { made: null };
      switch (act.kind) {
        case 'makeTargetGroup':
          return { made: await makeTargetGroup(elb, act, { Key: key, Value: service.name }) };
        case 'deleteTargetGroup':
          await deleteTargetGroup(elb, act.name);
          return done;
        case 'attach':
        case 'detach': {
          const input = { AutoScalingGroupName: act.group, TargetGroupARNs: [service.slots[act.slot]] };
          if (act.kind === 'attach') await send(autoscaling, new AttachLoadBalancerTargetGroupsCommand(input));
          else await send(autoscaling, new DetachLoadBalancerTargetGroupsCommand(input));
          return done;
        }
        case 'pair':
        case 'single': {
          const rule = await ruleOf(act.rule);
          const forward = editable(rule, service.slots);
          const Actions =
            act.kind === 'pair'
              ? actionsWith(rule, forward, service.slots, allOn(act.slot))
              : actionsTo(rule, forward, service.slots[act.slot]);
          await send(elb, new ModifyRuleCommand({ RuleArn: act.rule, Actions }));
          return done;
        }
        case 'tag':
        case 'untag': {
          const add = act.kind === 'tag';
          if (act.what === 'group') {
            const tag = { ResourceId: act.of, ResourceType: 'auto-scaling-group', Key: key };
            const Tags = [{ ...tag, ...(add && { Value: service.name, PropagateAtLaunch: false }) }];
            if (add) await send(autoscaling, new CreateOrUpdateTagsCommand({ Tags }));
            else await send(autoscaling, new DeleteTagsCommand({ Tags }));
            return done;
          }
          const ResourceArns = [act.what === 'target group' && act.slot !== null ? service.slots[act.slot] : act.of];
          if (add) await send(elb, new AddTagsCommand({ ResourceArns, Tags: [{ Key: key, Value: service.name }] }));
          else await send(elb, new RemoveTagsCommand({ ResourceArns, TagKeys: [key] }));
          return done;
        }
        case 'suspend':
        case 'resume': {
          const input = { AutoScalingGroupName: act.group, ScalingProcesses: [schedules] };
          if (act.kind === 'suspend') await send(autoscaling, new SuspendProcessesCommand(input));
          else await send(autoscaling, new ResumeProcessesCommand(input));
          return done;
        }
        default:
          return act satisfies never;
      }
    },
  };
};
