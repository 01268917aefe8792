/** What of the slots' target groups no instance can be registered with. */
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Finding } from '../../../core/basics/finding.ts';
import { slots } from '../../../core/basics/slot.ts';
import type { Service } from '../../../core/config/service.ts';
import type { Client } from '../client.ts';
import { codeOf, send } from '../failure.ts';

/** A target group that is not there is found by whoever looks for its targets. */
const described = async (elb: Client, arn: string) => {
  try {
    return (await send(elb, new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }))).TargetGroups?.[0];
  } catch (error) {
    if (/^TargetGroupNotFound/.test(codeOf(error))) return undefined;
    throw error;
  }
};

export const targetGroupFindings = async (elb: Client, { slots: arns }: Service): Promise<Finding[]> => {
  const found = await Promise.all(slots.map((slot) => described(elb, arns[slot])));
  return found.flatMap((group) =>
    group?.TargetType === undefined || group.TargetType === 'instance'
      ? []
      : [
          {
            problem: `the targets of ${group.TargetGroupName} are of type ${group.TargetType}, and instances are registered by their ids`,
            remedy: 'name a target group of target type instance in `slots`: a type cannot be changed once it is made',
          },
        ],
  );
};
