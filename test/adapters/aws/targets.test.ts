/** Targets of a target group: who is one, and who leaves it, by id and by the port it was registered with. */
import type {
  DeregisterTargetsCommandInput,
  RegisterTargetsCommandInput,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import {
  idOf,
  isDraining,
  isHealthy,
  isRegistered,
  leave,
  leaveEach,
  registerAll,
  targetsOf,
} from '../../../adapters/aws/load-balancer/targets.ts';
import { trafficOf } from '../../../adapters/aws/load-balancer/traffic.ts';
import { blue, fakeClient, green, inputsOf, shop } from './fake.ts';

const target = (Id: string, State: string, Reason?: string, Port?: number): TargetHealthDescription => ({
  Target: { Id, ...(Port !== undefined && { Port }) },
  TargetHealth: { State, ...(Reason !== undefined && { Reason }) } as TargetHealthDescription['TargetHealth'],
});

const all = [
  target('i-1', 'healthy', undefined, 8080),
  target('i-1', 'healthy', undefined, 8081),
  target('i-2', 'unhealthy', 'Target.Timeout'),
  target('i-3', 'draining', 'Target.DeregistrationInProgress', 8080),
  target('i-4', 'unused', 'Target.NotRegistered'),
  target('i-5', 'unhealthy.draining', 'Target.DeregistrationInProgress'),
  target('i-6', 'unused', 'Target.NotInUse'),
  target('i-7', 'initial', 'Elb.RegistrationInProgress'),
];

const elbWith = (targets: Record<string, TargetHealthDescription[]>) =>
  fakeClient({
    DescribeTargetHealth: ({ TargetGroupArn }: { TargetGroupArn: string }) => ({
      TargetHealthDescriptions: targets[TargetGroupArn],
    }),
    DeregisterTargets: () => ({}),
    RegisterTargets: () => ({}),
  });
const deregistered = (elb: ReturnType<typeof elbWith>) =>
  inputsOf<DeregisterTargetsCommandInput>(elb, 'DeregisterTargets');

test('a target drains by its state or its reason, and one that drains is not registered', () => {
  const ids = (is: (one: TargetHealthDescription) => boolean) => all.filter(is).map(idOf);
  expect(ids(isDraining)).toEqual(['i-3', 'i-5']);
  expect(ids(isHealthy)).toEqual(['i-1', 'i-1']);
  expect(ids(isRegistered)).toEqual(['i-1', 'i-1', 'i-2', 'i-6', 'i-7']);
});

test('a target that says nothing of itself is neither healthy nor draining', async () => {
  expect([idOf({}), isDraining({}), isHealthy({}), isRegistered({})]).toEqual(['', false, false, true]);
  expect(isDraining(target('i-1', 'draining'))).toBe(true);
  const elb = fakeClient({ DescribeTargetHealth: () => ({}), DeregisterTargets: () => ({}) });
  expect(await targetsOf(elb, blue)).toEqual([]);
  expect(await leave(elb, blue, [{}])).toEqual(['']);
});

test('an instance is deregistered with each port that it was registered with, and nobody else is', async () => {
  const elb = elbWith({ [blue]: all });
  await trafficOf({ elb }).deregister(shop(), 'blue', 'i-1');
  expect(deregistered(elb)).toEqual([
    {
      TargetGroupArn: blue,
      Targets: [
        { Id: 'i-1', Port: 8080 },
        { Id: 'i-1', Port: 8081 },
      ],
    },
  ]);
});

test('what drains already, or is no target, is not deregistered again', async () => {
  for (const id of ['i-3', 'i-4', 'i-5', 'i-unknown']) {
    const elb = elbWith({ [blue]: all });
    await trafficOf({ elb }).deregister(shop(), 'blue', id);
    expect(deregistered(elb), id).toEqual([]);
  }
});

test('instances leave both target groups by their ports, and those still in one are named', async () => {
  const elb = elbWith({ [blue]: all, [green]: [target('i-2', 'healthy', undefined, 9000)] });
  const there = await leaveEach(elb, [blue, green], ['i-2', 'i-3', 'i-4', 'i-unknown']);
  expect([...there]).toEqual(['i-2', 'i-3']);
  expect(deregistered(elb)).toEqual([
    { TargetGroupArn: blue, Targets: [{ Id: 'i-2', Port: undefined }] },
    { TargetGroupArn: green, Targets: [{ Id: 'i-2', Port: 9000 }] },
  ]);
});

test('instances are registered by the hundred with the target group’s own port', async () => {
  const elb = elbWith({});
  const ids = Array.from({ length: 150 }, (_, index) => `i-${index}`);
  await registerAll(elb, green, ids);
  await registerAll(elb, green, []);
  const sent = inputsOf<RegisterTargetsCommandInput>(elb, 'RegisterTargets');
  expect(sent.map(({ TargetGroupArn, Targets = [] }) => [TargetGroupArn, Targets.length])).toEqual([
    [green, 100],
    [green, 50],
  ]);
  expect(sent.flatMap(({ Targets = [] }) => Targets)).toEqual(ids.map((Id) => ({ Id })));
});
