/** The CloudFormation template: what it makes, and what an update of the stack may send. */
import { expect, test } from 'vitest';
import { mayUpdate, type StackResource, template } from './cloudformation.ts';

const { Resources } = template();
const ofType = (type: string): StackResource[] => Object.values(Resources).filter(({ Type }) => Type === type);

test('it makes two groups, each in a target group of its own, and a rule that leads to both', () => {
  const groups = ofType('AWS::AutoScaling::AutoScalingGroup');
  expect(groups.map(({ Properties }) => Properties.TargetGroupARNs)).toEqual([
    ['!Ref BlueTargets'],
    ['!Ref GreenTargets'],
  ]);
  expect(Resources.Rule?.Properties.Actions).toEqual([
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: '!Ref BlueTargets', Weight: 100 },
          { TargetGroupArn: '!Ref GreenTargets', Weight: 0 },
        ],
      },
    },
  ]);
});

test('both target groups are alike but for their names', () => {
  const [blue, green] = ofType('AWS::ElasticLoadBalancingV2::TargetGroup').map(({ Properties }) => ({
    ...Properties,
    Name: '',
  }));
  expect(blue).toEqual(green);
});

test('an update sends no sizes that it has not changed, and replaces no instance', () => {
  for (const { UpdatePolicy } of ofType('AWS::AutoScaling::AutoScalingGroup'))
    expect(UpdatePolicy).toEqual({ AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } });
});

test('the stack policy refuses what would move weights, and nothing that would not', () => {
  expect(mayUpdate('Rule')).toBe(false);
  for (const logicalId of ['BlueGroup', 'GreenGroup', 'Template', 'BlueTargets'])
    expect(mayUpdate(logicalId)).toBe(true);
});

test('an instance can read its own tags, and only by IMDSv2', () => {
  for (const { Properties } of ofType('AWS::EC2::LaunchTemplate'))
    expect(Properties.LaunchTemplateData).toMatchObject({
      MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    });
});
