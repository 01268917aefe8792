/** A fleet of numbered instances: 1 to `count` in each slot, launched one by one, registered with the slot's target group, healed by `ensure`. */
import { GetConsoleOutputCommand, type Instance, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { messageOf } from '../core/errors.ts';
import type { Fleet, FleetRelease } from '../steps/ports.ts';
import { batchesOf, type Client } from './client.ts';
import { send } from './failure.ts';
import { isAlive, isEnding, rolloutOf, slotInstances, tagOf, viewOf } from './instances.ts';
import { launchAll } from './launch.ts';
import { resolveTemplate } from './launch-template.ts';

/** Ids in one call. */
const batch = 100;
/** Launches in one `ensure`: a function has a minute. */
const mostLaunches = 100;
/** How much evidence is kept: instances, and bytes of each one's console. */
const mostEvidence = 3;
const mostConsole = 2048;

export const instancesFleet = ({ ec2, elb }: { ec2: Client; elb: Client }): Fleet => {
  const targetsOf = async (TargetGroupArn: string): Promise<TargetHealthDescription[]> => {
    const { TargetHealthDescriptions = [] } = await send(elb, new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions;
  };

  /** The target group holds what runs, and no longer holds what has ended: it would stay a target for ever. */
  const register = async (TargetGroupArn: string, instances: Instance[]): Promise<void> => {
    const inState = (test: (instance: Instance) => boolean) =>
      instances.filter(test).map(({ InstanceId = '' }) => InstanceId);
    const running = inState(({ State }) => State?.Name === 'running');
    if (running.length === 0) return;
    const registered = new Set((await targetsOf(TargetGroupArn)).filter(isRegistered).map(idOf));
    const missing = running.filter((id) => !registered.has(id));
    const dead = inState(isEnding).filter((id) => registered.has(id));
    for (const some of batchesOf(missing, batch))
      await send(elb, new RegisterTargetsCommand({ TargetGroupArn, Targets: some.map((Id) => ({ Id })) }));
    for (const some of batchesOf(dead, batch))
      await send(elb, new DeregisterTargetsCommand({ TargetGroupArn, Targets: some.map((Id) => ({ Id })) }));
  };

  return {
    observe: async (service, slot) => ({ instances: (await slotInstances(ec2, service.name, slot)).map(viewOf) }),

    // Registers before it launches: what runs already should not wait for what may not be had.
    ensure: async (release, slot, count) => {
      const there = await slotInstances(ec2, release.service, slot);
      const ours = there.filter((instance) => tagOf(instance, 'release') === release.release);
      await register(release.targetGroup, ours);
      const missing = missingNumbers(ours, count);
      if (missing.length === 0) return { launched: 0, short: null };
      const template = release.template ?? (await resolveTemplate(ec2, release.fleet.launchTemplate));
      const launches = missing.slice(0, mostLaunches).map((number) => ({
        release,
        template,
        slot,
        number,
        after: lastEnded(ours, release, number),
      }));
      return launchAll(ec2, launches);
    },

    remove: async (service, slot) => {
      const TargetGroupArn = service.slots[slot];
      const [instances, targets] = await Promise.all([
        slotInstances(ec2, service.name, slot),
        targetsOf(TargetGroupArn),
      ]);
      const standing = instances.filter((instance) => !isEnding(instance)).map(({ InstanceId = '' }) => InstanceId);
      const registered = targets.filter(isRegistered);
      const draining = targets.filter(isDraining).map(idOf);
      // Whatever the slot's group holds leaves it, a fleet from before Cutover included; terminated is only what bears our tags.
      // As they were registered: a target with a port of its own is another than the same instance without.
      for (const some of batchesOf(registered, batch))
        await send(
          elb,
          new DeregisterTargetsCommand({
            TargetGroupArn,
            Targets: some.map(({ Target }) => ({ Id: Target?.Id, Port: Target?.Port })),
          }),
        );
      if (registered.length + draining.length > 0) {
        const left = new Set([...standing, ...registered.map(idOf), ...draining]).size;
        return { left, draining: registered.length + draining.length };
      }
      let left = standing.length;
      for (const InstanceIds of batchesOf(standing, batch)) {
        const { TerminatingInstances = [] } = await send(ec2, new TerminateInstancesCommand({ InstanceIds }));
        left -= TerminatingInstances.filter(({ CurrentState }) => isEnding({ State: CurrentState })).length;
      }
      return { left, draining: 0 };
    },

    evidence: async (service, slot, release) => {
      const [instances, targets] = await Promise.all([
        slotInstances(ec2, service.name, slot),
        targetsOf(service.slots[slot]),
      ]);
      const health = new Map(targets.map((target) => [idOf(target), target.TargetHealth]));
      const unready = instances
        .filter((instance) => tagOf(instance, 'release') === release)
        .filter(
          ({ State, InstanceId = '' }) => State?.Name !== 'running' || health.get(InstanceId)?.State !== 'healthy',
        )
        .sort(byLaunch)
        .slice(-mostEvidence);
      return Promise.all(
        unready.map(async ({ InstanceId: instance = '', State, StateReason }) => {
          const target = health.get(instance);
          const said = [
            `instance ${State?.Name}${StateReason?.Message === undefined ? '' : `: ${StateReason.Message}`}`,
            target === undefined
              ? ''
              : `target ${[target.State, target.Reason, target.Description].filter(Boolean).join(', ')}`,
            await consoleTail(ec2, instance),
          ];
          return { instance, said: said.filter((line) => line !== '').join('\n') };
        }),
      );
    },

    template: (service) => resolveTemplate(ec2, service.fleet.launchTemplate),
  };
};

const idOf = ({ Target }: TargetHealthDescription): string => Target?.Id ?? '';
const isDraining = ({ TargetHealth }: TargetHealthDescription): boolean =>
  TargetHealth?.State === 'draining' || TargetHealth?.Reason === 'Target.DeregistrationInProgress';
const isRegistered = (target: TargetHealthDescription): boolean =>
  !isDraining(target) && target.TargetHealth?.Reason !== 'Target.NotRegistered';

const missingNumbers = (instances: Instance[], count: number): number[] => {
  const taken = new Set(instances.filter(isAlive).map((instance) => Number(tagOf(instance, 'number'))));
  return Array.from({ length: count }, (_, index) => index + 1).filter((number) => !taken.has(number));
};

/** The id of the last instance of this number that the rollout is known to have lost; empty if none is. */
const lastEnded = (instances: Instance[], release: FleetRelease, number: number): string => {
  const rollout = rolloutOf(release);
  const ended = instances.filter(
    (instance) =>
      !isAlive(instance) && tagOf(instance, 'rollout') === rollout && tagOf(instance, 'number') === String(number),
  );
  return ended.sort(byLaunch).at(-1)?.InstanceId ?? '';
};

const byLaunch = (a: Instance, b: Instance): number => (a.LaunchTime?.getTime() ?? 0) - (b.LaunchTime?.getTime() ?? 0);

/** What the instance printed last. That it cannot be had is itself worth telling, and no reason to keep the instance. */
const consoleTail = async (ec2: Client, InstanceId: string): Promise<string> => {
  try {
    const { Output = '' } = await send(ec2, new GetConsoleOutputCommand({ InstanceId, Latest: true }));
    const text = Buffer.from(Output, 'base64').subarray(-mostConsole).toString().trim();
    return text === '' ? 'it printed nothing' : text;
  } catch (error) {
    return `its console output could not be read: ${messageOf(error)}`;
  }
};
