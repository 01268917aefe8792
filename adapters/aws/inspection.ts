/** The inspection port: the reads that only `cutover doctor` needs. */
import {
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  type Image,
  type LaunchTemplateIamInstanceProfileSpecification,
} from '@aws-sdk/client-ec2';
import { DescribeRulesCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetInstanceProfileCommand,
  GetRoleCommand,
  ListRolesCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { targetGroupName } from '../../core/basics/arn.ts';
import { Rejected } from '../../core/basics/errors.ts';
import type { Around, Denied, Inspection } from '../../pipeline/ports/inspection.ts';
import { codeOf, send } from './aws-errors.ts';
import { type Client, everyPage } from './client.ts';
import { type QuotaClients, quotaUse } from './deployment-quotas.ts';
import { aliasesOf } from './dns/aliases.ts';
import { everyGroup, type Group, specificationOf } from './groups/auto-scaling.ts';
import { versionsOf } from './instances/launch-template.ts';
import { forwardsOf, percentages } from './load-balancer/rule-actions.ts';
import { rulesNaming } from './load-balancer/traffic.ts';

interface Clients extends QuotaClients {
  ec2: Client;
  elb: Client;
  autoscaling: Client;
  route53: Client;
}

const isAbsent = (error: unknown): boolean => /^NoSuchEntity/.test(codeOf(error));

export const inspectionOf = (clients: Clients): Inspection => {
  const { ec2, elb, autoscaling, iam, route53 } = clients;
  const instanceRole = async (profile: LaunchTemplateIamInstanceProfileSpecification): Promise<string | null> => {
    const InstanceProfileName = profile.Name ?? profile.Arn?.split('/').at(-1);
    if (InstanceProfileName === undefined) return null;
    const { InstanceProfile } = await send(iam, new GetInstanceProfileCommand({ InstanceProfileName }));
    return InstanceProfile?.Roles?.[0]?.Arn ?? null;
  };

  /** `resolve:ssm:…` is no image's id: what it stands for is known when something is launched. */
  const imageOf = async (ami = ''): Promise<Image | undefined> =>
    ami.startsWith('ami-') ? (await send(ec2, new DescribeImagesCommand({ ImageIds: [ami] }))).Images?.[0] : undefined;

  const imageNameOf = async (group: Group): Promise<string | null> => {
    const { LaunchTemplateId = '', Version = '$Default' } = specificationOf(group);
    const [found] = await versionsOf(ec2, { LaunchTemplateId }, [Version]);
    return (await imageOf(found?.LaunchTemplateData?.ImageId))?.Name ?? null;
  };

  return {
    around: async (arn) => {
      const { Rules: [rule] = [] } = await send(elb, new DescribeRulesCommand({ RuleArns: [arn] }));
      const forward = rule && forwardsOf(rule)[0];
      if (forward === undefined)
        throw new Rejected({ problem: `${arn} forwards to no target group`, remedy: 'name a rule that does' });
      const targetGroups = percentages(forward).map((one) => ({ ...one, name: targetGroupName(one.arn) }));
      const arns = targetGroups.map((one) => one.arn);
      const [blue = '', green = blue] = arns;
      const naming = await rulesNaming(elb, { blue, green });
      const { TargetGroups = [] } = await send(elb, new DescribeTargetGroupsCommand({ TargetGroupArns: arns }));
      const attached = (await everyGroup(autoscaling)).filter(({ TargetGroupARNs = [] }) =>
        TargetGroupARNs.some((one) => arns.includes(one)),
      );
      const groups: Around['groups'] = [];
      for (const group of attached)
        groups.push({
          name: group.AutoScalingGroupName,
          targetGroups: group.TargetGroupARNs ?? [],
          image: await imageNameOf(group),
        });
      return {
        rules: [...new Set([arn, ...naming.map((one) => one.rule)])],
        targetGroups,
        groups,
        health: TargetGroups.find(({ HealthCheckPath }) => HealthCheckPath !== undefined)?.HealthCheckPath ?? null,
      };
    },

    template: async ({ id, version }) => {
      const [found] = await versionsOf(ec2, { LaunchTemplateId: id }, [version]);
      const data = found?.LaunchTemplateData ?? {};
      return {
        name: `launch template ${found?.LaunchTemplateName ?? id} version ${version}`,
        ami: data.ImageId ?? null,
        metadata: data.MetadataOptions?.HttpEndpoint !== 'disabled',
        spot: data.InstanceMarketOptions?.MarketType === 'spot',
        role: data.IamInstanceProfile === undefined ? null : await instanceRole(data.IamInstanceProfile),
      };
    },

    imageKeys: async (ami) => {
      const SnapshotIds = ((await imageOf(ami))?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
      if (SnapshotIds.length === 0) return [];
      // Snapshots of another account's public image are nobody's to see; those that may be launched from are shared with this one.
      try {
        const { Snapshots = [] } = await send(ec2, new DescribeSnapshotsCommand({ SnapshotIds }));
        return [...new Set(Snapshots.flatMap(({ KmsKeyId }) => KmsKeyId ?? []))];
      } catch (error) {
        if (codeOf(error) === 'InvalidSnapshot.NotFound') return [];
        throw error;
      }
    },

    hasRole: async (RoleName) => {
      try {
        await send(iam, new GetRoleCommand({ RoleName }));
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
      }
    },

    aliases: (service) => aliasesOf({ route53, elb }, service),

    quota: (of) => quotaUse(clients, of),

    denied: async (rolePath, asked) => {
      // IAM may give an empty page, and the role on the next.
      const [role] = await everyPage(async (Marker) => {
        const page = await send(iam, new ListRolesCommand({ PathPrefix: rolePath, Marker }));
        return { items: page.Roles, next: page.Marker };
      });
      if (role?.Arn === undefined) return asked;
      const denied: Denied[] = [];
      for (const one of asked) {
        const { EvaluationResults = [] } = await send(
          iam,
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: role.Arn,
            ActionNames: [one.action],
            ResourceArns: [one.resource],
            ContextEntries: Object.entries(one.context).map(([ContextKeyName, value]) => ({
              ContextKeyName,
              ContextKeyType: 'string',
              ContextKeyValues: [value],
            })),
          }),
        );
        if (EvaluationResults.length === 0) denied.push({ ...one, unanswered: true });
        else if (EvaluationResults.some(({ EvalDecision }) => EvalDecision !== 'allowed')) denied.push(one);
      }
      return denied;
    },
  };
};
