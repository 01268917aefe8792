/** Finds, makes or deletes a second target group with the settings of the first. */
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  type Tag,
  type TargetGroup,
  type TargetGroupAttribute,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Rejected } from '../../../core/basics/errors.ts';
import type { TargetGroupFound } from '../../../core/fleet/adoption.ts';
import { codeOf, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';

/** By ARN or by name; null: there is none. */
const describe = async (elb: Client, arnOrName: string): Promise<TargetGroup | null> => {
  const named = arnOrName.startsWith('arn:') ? { TargetGroupArns: [arnOrName] } : { Names: [arnOrName] };
  try {
    return (await send(elb, new DescribeTargetGroupsCommand(named))).TargetGroups?.[0] ?? null;
  } catch (error) {
    if (/^TargetGroupNotFound/.test(codeOf(error))) return null;
    throw error;
  }
};

const attributesOf = async (elb: Client, TargetGroupArn: string): Promise<TargetGroupAttribute[]> =>
  (await send(elb, new DescribeTargetGroupAttributesCommand({ TargetGroupArn }))).Attributes ?? [];

/** What a target group is made with, as CreateTargetGroup takes it. */
const settingsOf = (group: TargetGroup) => ({
  Protocol: group.Protocol,
  ProtocolVersion: group.ProtocolVersion,
  Port: group.Port,
  VpcId: group.VpcId,
  TargetType: group.TargetType,
  IpAddressType: group.IpAddressType,
  HealthCheckEnabled: group.HealthCheckEnabled,
  HealthCheckProtocol: group.HealthCheckProtocol,
  HealthCheckPort: group.HealthCheckPort,
  HealthCheckPath: group.HealthCheckPath,
  HealthCheckIntervalSeconds: group.HealthCheckIntervalSeconds,
  HealthCheckTimeoutSeconds: group.HealthCheckTimeoutSeconds,
  HealthyThresholdCount: group.HealthyThresholdCount,
  UnhealthyThresholdCount: group.UnhealthyThresholdCount,
  Matcher: group.Matcher,
});

export const findTargetGroup = async (elb: Client, arnOrName: string): Promise<TargetGroupFound | null> => {
  const group = await describe(elb, arnOrName);
  if (group?.TargetGroupArn === undefined) return null;
  const attributes = await attributesOf(elb, group.TargetGroupArn);
  const settings = [
    ...Object.entries(settingsOf(group)).filter(([, value]) => value !== undefined),
    ...attributes.map(({ Key = '', Value }) => [Key, Value] as const),
  ].map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const);
  return {
    arn: group.TargetGroupArn,
    name: group.TargetGroupName ?? '',
    settings: Object.fromEntries(settings),
    owner: null,
  };
};

/** Answers its ARN. One of the same name with the same settings is the one that an earlier call has made. */
export const makeTargetGroup = async (elb: Client, { name, like }: { name: string; like: string }, tag: Tag) => {
  const first = await describe(elb, like);
  if (first === null) throw new Rejected(`there is no target group ${like} to make another like it`);
  const { TargetGroups: [made] = [] } = await send(
    elb,
    new CreateTargetGroupCommand({ Name: name, ...settingsOf(first), Tags: [tag] }),
  );
  const arn = made?.TargetGroupArn;
  if (arn === undefined) throw new Rejected(`CreateTargetGroup made no target group ${name}`);
  const Attributes = await attributesOf(elb, like);
  await send(elb, new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
  return arn;
};

/** One that is not there is gone already. */
export const deleteTargetGroup = async (elb: Client, name: string): Promise<void> => {
  const group = await describe(elb, name);
  if (group !== null) await send(elb, new DeleteTargetGroupCommand({ TargetGroupArn: group.TargetGroupArn }));
};
