/** Events outside the pipeline's control: new images, alarms, hardware faults, people at a console. Each emits AWS's event. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Bus } from '../events.ts';
import type { AutoScalingGroup, ScheduledAction } from './auto-scaling/resources.ts';
import type { Scaling } from './auto-scaling/scaling.ts';
import { reasonDataOf } from './cloudwatch.ts';
import { referenceOf } from './ecr.ts';
import { modifyRule } from './elbv2.ts';
import type { Alarm, Ami, Build } from './resources.ts';
import { parameterArn } from './ssm.ts';
import { account, region, type World } from './world.ts';

/** A repository's lifecycle policy: without one, years of pushes would pile up here. */
const mostImages = 300;

interface Push {
  digest: string;
  tags?: string[];
  /** When; now, unless told. */
  at?: number;
  /** A media type, where it is not a container image. */
  artifact?: string;
}

export const actions = (world: World, bus: Bus, scaling: Scaling) => {
  const now = (): number => world.time.now();
  const groupOf = (name: string): AutoScalingGroup => {
    const group = world.autoScalingGroups.get(name);
    if (group === undefined) throw new Error(`local cloud: there is no Auto Scaling group ${name}`);
    return group;
  };
  return {
    /** Somebody at a console sets a group's sizes. */
    setGroup: (name: string, sizes: { min?: number; max?: number; desired?: number }): void =>
      scaling.resize(groupOf(name), sizes, 'a user request explicitly set group desired capacity'),

    /** Somebody changes anything else about a group. */
    changeGroup: (name: string, change: Partial<AutoScalingGroup>): void => {
      Object.assign(groupOf(name), change);
      scaling.wake(groupOf(name));
    },

    /** A size that a group gets at a time. */
    schedule: (name: string, action: ScheduledAction): void => {
      const group = groupOf(name);
      group.scheduled.push(action);
      world.time.after(action.at - now(), () => scaling.wake(group));
    },

    /** A zone is lost: its instances, and all room in it. */
    loseZone: (zone: string): void => {
      world.capacity.set(zone, 0);
      for (const { id, subnet } of world.instances.values()) if (subnet.zone === zone) world.kill(id);
    },

    /** EC2 takes a spot instance back: it warns, and two minutes later the instance is gone. */
    interruptSpot: (id: string): void => {
      const instance = world.instances.get(id);
      if (instance?.spot !== true) throw new Error(`local cloud: there is no spot instance ${id}`);
      instance.interrupted = true;
      bus.put({
        source: 'aws.ec2',
        'detail-type': 'EC2 Spot Instance Interruption Warning',
        resources: [`arn:aws:ec2:${instance.subnet.zone}:instance/${id}`],
        detail: { 'instance-id': id, 'instance-action': 'terminate' },
      });
      const reason = {
        code: 'Server.SpotInstanceTermination',
        message: 'Server.SpotInstanceTermination: Spot instance termination',
      };
      world.time.after(world.latencies.spotWarning, () => world.kill(id, reason));
    },

    /** An ECR push: the tags move to the digest, and each gives an event; a push without tags gives one. Answers the image's reference. */
    push: (repository: string, { digest, tags = [], at = now(), artifact }: Push): string => {
      const images = world.repositories.get(repository) ?? [];
      world.repositories.set(repository, images);
      for (const image of images) image.tags = image.tags.filter((tag) => !tags.includes(tag));
      const known = images.find((image) => image.digest === digest);
      // Pushing what is there already tags it; it does not become newer.
      if (known === undefined) images.push({ digest, tags: [...tags], pushedAt: at, artifact });
      else known.tags.push(...tags);
      if (images.length > mostImages) images.shift();
      for (const tag of tags.length > 0 ? tags : [undefined]) {
        const detail = {
          result: 'SUCCESS',
          'repository-name': repository,
          'image-digest': digest,
          'action-type': 'PUSH',
          ...(tag === undefined ? {} : { 'image-tag': tag }),
        };
        bus.put({ source: 'aws.ecr', 'detail-type': 'ECR Image Action', detail });
      }
      return referenceOf(repository, digest);
    },

    /** A machine image becomes available (or another state: `state`). */
    makeAmi: ({
      id,
      name,
      owner = account,
      state = 'available',
      madeAt = now(),
    }: Pick<Ami, 'id' | 'name'> & Partial<Ami>): void => {
      world.amis.set(id, { id, name, owner, state, madeAt });
      bus.put({
        source: 'aws.ec2',
        'detail-type': 'EC2 AMI State Change',
        resources: [`arn:aws:ec2:${region}::image/${id}`],
        detail: { RequestId: world.newId(''), ImageId: id, State: state, ErrorMessage: '' },
      });
    },

    /** A Systems Manager parameter gets a value; the event tells neither it nor its version. */
    putParameter: (name: string, value: string): void => {
      const before = world.parameters.get(name);
      world.parameters.set(name, { name, value, version: (before?.version ?? 0) + 1, changedAt: now() });
      bus.put({
        source: 'aws.ssm',
        'detail-type': 'Parameter Store Change',
        resources: [parameterArn(name)],
        detail: { operation: before === undefined ? 'Create' : 'Update', name, type: 'String' },
      });
    },

    /** An Image Builder build, `arn:…:image/<name>/<version>/<build>`, reaches a status; its AMI is there when it is AVAILABLE. */
    build: ({ arn, ami, status = 'AVAILABLE', madeAt = now() }: Pick<Build, 'arn' | 'ami'> & Partial<Build>): void => {
      world.builds.set(arn, { arn, ami, status, madeAt });
      if (status === 'AVAILABLE')
        world.amis.set(ami, {
          id: ami,
          name: `${arn.split('/')[1]} ${madeAt}`,
          owner: account,
          state: 'available',
          madeAt,
        });
      bus.put({
        source: 'aws.imagebuilder',
        'detail-type': 'EC2 Image Builder Image State Change',
        resources: [arn],
        detail: { 'previous-state': { status: 'TESTING' }, state: { status } },
      });
    },

    /** An alarm, made if it is new, enters a state; `dataFrom` is when the oldest data behind it began (default: a minute ago). */
    setAlarm: (
      name: string,
      state: Alarm['state'],
      reason: string,
      { dataFrom = now() - 60_000, kind = 'MetricAlarm' as Alarm['kind'] } = {},
    ): void => {
      const before = world.alarms.get(name);
      const alarm: Alarm = { name, kind, state, reason, since: now(), dataFrom };
      world.alarms.set(name, alarm);
      const change = { at: now(), from: before?.state ?? 'INSUFFICIENT_DATA', to: state };
      if (before?.state !== state) world.alarmChanges.set(name, [...(world.alarmChanges.get(name) ?? []), change]);
      const told = (told: Alarm) => ({
        value: told.state,
        reason: told.reason,
        reasonData: reasonDataOf(told),
        timestamp: new Date(told.since).toISOString().replace('Z', '+0000'),
      });
      bus.put({
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        resources: [`arn:aws:cloudwatch:${region}:${account}:alarm:${name}`],
        detail: {
          alarmName: name,
          configuration: { metrics: [] },
          previousState: before && told(before),
          state: told(alarm),
        },
      });
    },

    /** Somebody edits a rule by hand: its actions become these, checked as ModifyRule checks them. */
    editRule: (rule: string, to: Action[]): void => {
      modifyRule(world, rule, to);
    },

    /** Puts a login through an identity provider in front of what the rule does now. */
    addLogin: (rule: string): void => {
      const oidc = {
        Issuer: 'https://login.example.com',
        AuthorizationEndpoint: 'https://login.example.com/authorize',
        TokenEndpoint: 'https://login.example.com/token',
        UserInfoEndpoint: 'https://login.example.com/userinfo',
        ClientId: 'shop',
        ClientSecret: 'secret',
      };
      const others = (world.rules.get(rule)?.actions ?? []).map((action, index) => ({ ...action, Order: index + 2 }));
      modifyRule(world, rule, [{ Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: oidc }, ...others]);
    },
  };
};

export type Actions = ReturnType<typeof actions>;
