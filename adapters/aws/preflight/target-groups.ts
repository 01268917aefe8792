/** Preflight findings about the slots' target groups: settings with which no instance can be registered. */
import { DescribeTargetGroupsCommand, type TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Finding } from '../../../core/basics/finding.ts';
import { slots } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import { codeOf, send } from '../aws-errors.ts';
import type { Client } from '../client.ts';

/** A target group that does not exist is reported by the look for its targets. */
const described = async (elb: Client, arn: string) => {
  try {
    return (await send(elb, new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }))).TargetGroups?.[0];
  } catch (error) {
    if (/^TargetGroupNotFound/.test(codeOf(error))) return undefined;
    throw error;
  }
};

/** Of both slots; one that is not there is left out. */
export const targetGroupsOf = async (elb: Client, { slots: arns }: Service): Promise<TargetGroup[]> =>
  (await Promise.all(slots.map((slot) => described(elb, arns[slot])))).flatMap((group) => group ?? []);

export const targetGroupFindings = (groups: TargetGroup[]): Finding[] =>
  groups.flatMap(({ TargetType = 'instance', TargetGroupName }) =>
    TargetType === 'instance'
      ? []
      : [
          {
            problem: `the targets of ${TargetGroupName} are of type ${TargetType}, and instances are registered by their ids`,
            remedy: 'name a target group of target type instance in `slots`: a type cannot be changed once it is made',
          },
        ],
  );
