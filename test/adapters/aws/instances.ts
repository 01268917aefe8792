/** EC2 and ELB with the instances and targets that a story gives them. */
import type { Instance, RunInstancesCommandInput, TerminateInstancesCommandInput } from '@aws-sdk/client-ec2';
import type {
  DeregisterTargetsCommandInput,
  RegisterTargetsCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { fleetOf } from '../../../adapters/aws/fleet.ts';
import type { FleetRelease } from '../../../pipeline/ports/fleet.ts';
import { fakeClient, green, inputsOf, paged, sdkError, shop } from './fake.ts';

export const service = shop();
export const release: FleetRelease = {
  service: 'shop',
  release: 'abc',
  image: { reference: 'acme/shop@sha256:abc', label: 'v1' },
  attempt: 1,
  template: { id: 'lt-1', version: '7', types: [] },
  fleet: service.fleet,
  targetGroup: green,
  from: null,
  since: 0,
};

export interface Given {
  instances?: Instance[];
  /** Target health states by instance id. */
  targets?: Record<string, string>;
  /** Of targets that were registered with a port of their own, by instance id. */
  ports?: Record<string, number>;
  run?: (input: RunInstancesCommandInput) => Instance[];
  pageSize?: number;
}

export const instance = (number: number, state: string, more: Partial<Instance> = {}): Instance => ({
  InstanceId: `i-${number}`,
  State: { Name: state } as Instance['State'],
  LaunchTime: new Date(number),
  Tags: Object.entries({ release: 'abc', rollout: 'shop-abc-1', number: String(number) }).map(([key, Value]) => ({
    Key: `cutover:${key}`,
    Value,
  })),
  ...more,
});

export const world = ({ instances = [], targets = {}, ports = {}, run = () => [{}], pageSize = 1000 }: Given) => {
  const ec2 = fakeClient({
    DescribeInstances: ({ NextToken }: { NextToken?: string }) => {
      const { items, next } = paged(instances, pageSize, NextToken);
      return { Reservations: items.map((one) => ({ Instances: [one] })), NextToken: next };
    },
    RunInstances: (input: RunInstancesCommandInput) => ({ Instances: run(input) }),
    TerminateInstances: ({ InstanceIds }: { InstanceIds: string[] }) => ({
      TerminatingInstances: InstanceIds.map((InstanceId) => ({ InstanceId, CurrentState: { Name: 'shutting-down' } })),
    }),
    GetConsoleOutput: ({ InstanceId }: { InstanceId: string }) => {
      if (InstanceId === 'i-1') throw sdkError('InvalidInstanceID.NotFound');
      return { Output: Buffer.from(`${'.'.repeat(5000)}out of memory`).toString('base64') };
    },
  });
  const elb = fakeClient({
    DescribeTargetHealth: () => ({
      TargetHealthDescriptions: Object.entries(targets).map(([Id, State]) => ({
        Target: { Id, ...(ports[Id] !== undefined && { Port: ports[Id] }) },
        TargetHealth: { State, Reason: State === 'unhealthy' ? 'Target.Timeout' : undefined },
      })),
    }),
    RegisterTargets: () => ({}),
    DeregisterTargets: () => ({}),
  });
  const idsOf = (command: string) =>
    inputsOf<RegisterTargetsCommandInput>(elb, command).map(({ Targets = [] }) => Targets.map(({ Id }) => Id));
  return {
    fleet: fleetOf({ ec2, elb, autoscaling: fakeClient({}) }),
    launches: () => inputsOf<RunInstancesCommandInput>(ec2, 'RunInstances'),
    terminated: () =>
      inputsOf<TerminateInstancesCommandInput>(ec2, 'TerminateInstances').map(({ InstanceIds = [] }) => InstanceIds),
    registered: () => idsOf('RegisterTargets'),
    deregistered: () => idsOf('DeregisterTargets'),
    deregisteredTargets: () =>
      inputsOf<DeregisterTargetsCommandInput>(elb, 'DeregisterTargets').flatMap(({ Targets = [] }) => Targets),
  };
};

export const range = (count: number, state: string) =>
  Array.from({ length: count }, (_, index) => instance(index + 1, state));
