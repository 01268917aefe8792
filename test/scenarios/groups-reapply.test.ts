/** Terraform and CloudFormation beside a rollout: what each would send is sent, in the middle of one and after one, and nothing moves. */
import { describe, expect, it } from 'vitest';
import { liveStory, releaseNamed, type Story } from '../build.ts';
import { mayUpdate, template } from '../examples/cloudformation.ts';
import { resourcesOf } from '../examples/terraform.ts';

const resources = await resourcesOf('main.tf');
const ignoredBy = (type: string): Set<string> =>
  new Set((resources[type]?.lifecycle?.[0]?.ignore_changes ?? []).map((one) => one.replace(/^\$\{(.+)\}$/, '$1')));

const slots = ['blue', 'green'] as const;
/** Both tools know the groups and rules as they were made on the first day. */
const firstDay = { min: 0, max: 1000, desired: { blue: 0, green: 0 }, weights: { blue: 100, green: 0 }, version: '1' };

const setWeights = (story: Story, weights: Record<'blue' | 'green', number>): void => {
  const TargetGroups = slots.map((slot) => ({ TargetGroupArn: story.service.slots[slot], Weight: weights[slot] }));
  for (const rule of story.service.rules)
    story.cloud.editRule(rule, [{ Type: 'forward', Order: 1, ForwardConfig: { TargetGroups } }]);
};
const groupOf = (story: Story, slot: 'blue' | 'green') => {
  const group = story.cloud.world.autoScalingGroups.get(`shop-${slot}`);
  if (group === undefined) throw new Error(`there is no group of ${slot}`);
  return group;
};

/** `terraform apply` of an unchanged configuration: every attribute that differs from what there is, and is not ignored, is sent. */
const terraformApply = (story: Story, ignored: (type: string) => Set<string> = ignoredBy): void => {
  const ofGroup = ignored('aws_autoscaling_group');
  for (const slot of slots) {
    const name = `shop-${slot}`;
    const group = groupOf(story, slot);
    const sizes = {
      ...(!ofGroup.has('min_size') && group.min !== firstDay.min && { min: firstDay.min }),
      ...(!ofGroup.has('max_size') && group.max !== firstDay.max && { max: firstDay.max }),
      ...(!ofGroup.has('desired_capacity') &&
        group.desired !== firstDay.desired[slot] && { desired: firstDay.desired[slot] }),
    };
    if (Object.keys(sizes).length > 0) story.cloud.setGroup(name, sizes);
    if (!ofGroup.has('launch_template') && group.template.version !== firstDay.version)
      story.cloud.changeGroup(name, { template: { ...group.template, version: firstDay.version } });
    // The configuration names no suspended process: the provider resumes all of them.
    if (!ofGroup.has('suspended_processes') && group.suspended.size > 0)
      story.cloud.changeGroup(name, { suspended: new Set() });
  }
  if (!ignored('aws_lb_listener_rule').has('action')) setWeights(story, firstDay.weights);
};

/** An update of a stack: of each resource that was edited, all that the template says is sent. */
const stackUpdate = (story: Story, edited: string[]): void => {
  for (const logicalId of edited) {
    if (!mayUpdate(logicalId)) continue;
    const { Type, UpdatePolicy } = template().Resources[logicalId] ?? {};
    if (Type === 'AWS::ElasticLoadBalancingV2::ListenerRule') setWeights(story, firstDay.weights);
    if (Type !== 'AWS::AutoScaling::AutoScalingGroup') continue;
    const slot = logicalId === 'BlueGroup' ? 'blue' : 'green';
    const policy = UpdatePolicy?.AutoScalingScheduledAction as { IgnoreUnmodifiedGroupSizeProperties?: boolean };
    if (policy?.IgnoreUnmodifiedGroupSizeProperties !== true)
      story.cloud.setGroup(`shop-${slot}`, { min: firstDay.min, desired: firstDay.desired[slot] });
    story.cloud.changeGroup(`shop-${slot}`, {
      template: { ...groupOf(story, slot).template, version: firstDay.version },
    });
  }
};

/** What must not move. */
const stateOf = (story: Story) => ({
  weights: story.weights(),
  counts: slots.map((slot) => groupOf(story, slot).desired),
  minimums: slots.map((slot) => groupOf(story, slot).min),
  versions: slots.map((slot) => groupOf(story, slot).template.version),
  suspended: slots.map((slot) => [...groupOf(story, slot).suspended]),
});

const rolling = async (): Promise<Story> => {
  const story = await liveStory({ schedule: true });
  await story.after(600);
  story.push('v2');
  await story.after(12 * 60);
  expect((await story.row()).phase).toBe('shifting');
  return story;
};

describe('terraform apply', () => {
  it('in the middle of a rollout and after one moves neither weights nor counts nor versions', async () => {
    const story = await rolling();
    const before = story.cloud.traffic.totals().failed;
    const middle = stateOf(story);
    terraformApply(story);
    expect(stateOf(story)).toEqual(middle);
    await story.rest();
    const after = stateOf(story);
    expect(after.weights).toEqual({ blue: 100, green: 0 });
    terraformApply(story);
    await story.after(600);
    expect(stateOf(story)).toEqual(after);
    expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
    expect(story.cloud.traffic.totals().failed).toBe(before);
  });

  it('without the ignore_changes would move all of them', async () => {
    const story = await rolling();
    const middle = stateOf(story);
    terraformApply(story, () => new Set());
    const moved = stateOf(story);
    const [rule] = story.cloud.world.rules.values();
    expect(rule?.actions[0]?.ForwardConfig?.TargetGroups?.map(({ Weight }) => Weight)).toEqual([100, 0]);
    for (const key of ['counts', 'minimums', 'versions', 'suspended'] as const)
      expect(moved[key], key).not.toEqual(middle[key]);
  });
});

describe('an update of the CloudFormation stack', () => {
  const all = Object.keys(template().Resources);

  it('that edits something else moves nothing', async () => {
    const story = await rolling();
    const middle = stateOf(story);
    stackUpdate(story, []);
    expect(stateOf(story)).toEqual(middle);
  });

  it('that edits everything moves no weight and no count, and the version is the release’s again', async () => {
    const story = await rolling();
    const before = story.cloud.traffic.totals().failed;
    const middle = stateOf(story);
    stackUpdate(story, all);
    await story.after(20);
    expect({ ...stateOf(story), versions: [] }).toEqual({ ...middle, versions: [] });
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed('v2'));
    const { versions } = stateOf(story);
    stackUpdate(story, all);
    await story.after(300);
    expect(stateOf(story).versions[0]).toBe(versions[0]);
    expect(story.running()).toEqual(Array(4).fill(releaseNamed('v2')));
    expect(story.cloud.traffic.totals().failed).toBe(before);
  });
});

it('two groups over one launch template are rolled like two over two', async () => {
  const story = await liveStory();
  await story.after(600);
  story.cloud.changeGroup('shop-blue', { template: { ...groupOf(story, 'green').template } });
  for (const version of ['v2', 'v3']) {
    story.push(version);
    await story.rest();
    expect((await story.row()).live?.release).toBe(releaseNamed(version));
    expect(story.running()).toEqual(Array(4).fill(releaseNamed(version)));
  }
});
