/** Elastic Load Balancing: target groups, targets and their health. */
import {
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Account, codeOf, type Sequence, type SidesClients } from '../sides.ts';
import { launch } from './instances.ts';
import { forward, modify, unknown } from './rules.ts';

const targetsOf = (TargetGroupArn: string, ids: string[]) => ({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) });

const health = async ({ elbv2 }: SidesClients, TargetGroupArn: string) => {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn });
  const { TargetHealthDescriptions = [] } = await elbv2.send(command);
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
    id: Target?.Id,
    state: TargetHealth?.State,
    reason: TargetHealth?.Reason,
  }));
};

const running = async (clients: SidesClients, account: Account): Promise<string> => {
  const id = await launch(clients, account);
  await account.pass(120);
  return id;
};

/** As adapters/aws/load-balancer/target-group.ts makes one like another. */
const like = async ({ elbv2 }: SidesClients, arn: string): Promise<Omit<CreateTargetGroupCommandInput, 'Name'>> => {
  const { TargetGroups: [group = {}] = [] } = await elbv2.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }),
  );
  const { TargetGroupArn: _, TargetGroupName: __, LoadBalancerArns: ___, ...settings } = group;
  return settings;
};

export const sequencesOfTargets: Sequence[] = [
  {
    name: 'RegisterTargets twice, then healthy',
    run: async (clients, account) => {
      const { blue } = account.service.slots;
      const id = await running(clients, account);
      const register = () => codeOf(clients.elbv2.send(new RegisterTargetsCommand(targetsOf(blue, [id]))));
      const codes = [await register(), await register()];
      await account.pass(60);
      return { codes, health: await health(clients, blue) };
    },
  },
  {
    name: 'RegisterTargets of what does not run, and where there is no target group',
    run: async (clients, account) => {
      const { blue } = account.service.slots;
      const id = await running(clients, account);
      const register = (arn: string, ids: string[]) =>
        codeOf(clients.elbv2.send(new RegisterTargetsCommand(targetsOf(arn, ids))));
      return {
        unknown: await register(blue, ['i-0123456789abcdef0']),
        besideOne: await register(blue, [id, 'i-0123456789abcdef0']),
        noTargetGroup: await register(unknown(blue), [id]),
        health: await health(clients, blue),
      };
    },
  },
  {
    name: 'DeregisterTargets of one that is registered, of the same again, of one that never was',
    run: async (clients, account) => {
      const { blue } = account.service.slots;
      const id = await running(clients, account);
      const deregister = (Id: string, arn = blue) =>
        codeOf(clients.elbv2.send(new DeregisterTargetsCommand(targetsOf(arn, [Id]))));
      const never = await deregister(id);
      await clients.elbv2.send(new RegisterTargetsCommand(targetsOf(blue, [id])));
      await account.pass(60);
      const codes = [await deregister(id), await deregister(id)];
      await account.pass(600);
      return {
        never,
        codes,
        after: await health(clients, blue),
        unknownInstance: await deregister('i-0123456789abcdef0'),
        noTargetGroup: await deregister(id, unknown(blue)),
      };
    },
  },
  {
    name: 'DescribeTargetHealth of a group that no rule names, of targets as they leave, of no group',
    run: async (clients, account) => {
      const { blue, green } = account.service.slots;
      const id = await running(clients, account);
      await clients.elbv2.send(new RegisterTargetsCommand(targetsOf(blue, [id])));
      await clients.elbv2.send(new RegisterTargetsCommand(targetsOf(green, [id])));
      await modify(clients, account, forward([{ TargetGroupArn: blue, Weight: 1 }]));
      await account.pass(60);
      const unnamed = await health(clients, green);
      await clients.elbv2.send(new DeregisterTargetsCommand(targetsOf(blue, [id])));
      return { unnamed, leaving: await health(clients, blue), noGroup: await codeOf(health(clients, unknown(blue))) };
    },
  },
  {
    name: 'DescribeTargetGroups by ARN and by name',
    run: async ({ elbv2 }, { service: { slots } }) => {
      const found = async (input: { TargetGroupArns?: string[]; Names?: string[] }) => {
        const { TargetGroups = [] } = await elbv2.send(new DescribeTargetGroupsCommand(input));
        return TargetGroups.map((group) => ({
          name: group.TargetGroupName,
          balancers: group.LoadBalancerArns,
          check: [group.HealthCheckEnabled, group.HealthCheckProtocol, group.HealthCheckPort],
          interval: group.HealthCheckIntervalSeconds,
          thresholds: [group.HealthyThresholdCount, group.UnhealthyThresholdCount],
          kind: [group.TargetType, group.Protocol, group.ProtocolVersion, group.IpAddressType],
        }));
      };
      const [, name = ''] = slots.blue.split('/');
      return {
        both: await found({ TargetGroupArns: [slots.blue, slots.green] }),
        named: await found({ Names: [name] }),
        unknownArn: await codeOf(found({ TargetGroupArns: [unknown(slots.blue)] })),
        unknownName: await codeOf(found({ Names: ['none'] })),
      };
    },
  },
  {
    name: 'CreateTargetGroup like another, twice; DeleteTargetGroup, twice',
    run: async (clients, { service: { name, slots } }) => {
      const { elbv2 } = clients;
      const settings = await like(clients, slots.blue);
      const make = async (change: Partial<CreateTargetGroupCommandInput> = {}) => {
        const command = new CreateTargetGroupCommand({ Name: `${name}-third`, ...settings, ...change });
        return (await elbv2.send(command)).TargetGroups?.[0];
      };
      const made = await make();
      const TargetGroupArn = made?.TargetGroupArn ?? '';
      const again = await codeOf(make());
      const otherSettings = await codeOf(make({ HealthCheckIntervalSeconds: 17 }));
      const remove = (arn: string) => codeOf(elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })));
      return {
        balancers: made?.LoadBalancerArns ?? [],
        again,
        otherSettings,
        removed: [await remove(TargetGroupArn), await remove(TargetGroupArn)],
        inUse: await remove(slots.blue),
      };
    },
  },
  {
    name: 'ModifyTargetGroupAttributes, then as described',
    run: async ({ elbv2 }, { service: { slots } }) => {
      const key = 'deregistration_delay.timeout_seconds';
      const delay = async () => {
        const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: slots.blue });
        return (await elbv2.send(command)).Attributes?.find(({ Key }) => Key === key)?.Value;
      };
      const set = (TargetGroupArn: string, Value: string) =>
        elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key: key, Value }] }));
      const before = await delay();
      await set(slots.blue, '30');
      return { before, after: await delay(), noGroup: await codeOf(set(unknown(slots.blue), '30')) };
    },
  },
];
