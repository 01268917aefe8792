/** A fleet of numbered instances, 1 to `count` in each slot. `ensure` launches each missing number and registers it with the slot's target group. */
import { type Instance, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Slot } from '../../../core/basics/slot.ts';
import type { FleetConfiguration, InstancesFleet } from '../../../core/config/service.ts';
import type { Fleet, FleetRelease } from '../../../pipeline/ports/fleet.ts';
import { send } from '../aws-errors.ts';
import { batchesOf, type Client } from '../client.ts';
import { idOf, isHealthy, isRegistered, leave, leaveEach, registerAll, targetsOf } from '../load-balancer/targets.ts';
import { evidenceOf } from './evidence.ts';
import {
  byLaunch,
  interrupted,
  isAlive,
  isEnding,
  numberOf,
  rolloutOf,
  slotInstances,
  tagOf,
  viewOf,
} from './instances.ts';
import { launchAll } from './launch.ts';
import { expectConfigured, resolveTemplate } from './launch-template.ts';

/** Ids in one call. */
const batch = 100;
/** Launches in one `ensure`: a function has a minute. */
const mostLaunches = 100;

type Kind = Omit<Fleet, 'slotOf' | 'own'>;

export const instancesFleet = ({ ec2, elb }: { ec2: Client; elb: Client }): Kind => {
  /**
   * The target group holds what runs, one of each number, and no longer holds what has ended: it would stay a target for ever. A second one of
   * a number would come back as often as it is taken out.
   */
  const register = async (targetGroup: string, instances: Instance[]): Promise<void> => {
    const running = instances.filter(({ State }) => State?.Name === 'running');
    if (running.length === 0) return;
    const targets = await targetsOf(elb, targetGroup);
    const registered = new Set(targets.filter(isRegistered).map(idOf));
    const served = new Set(running.filter(({ InstanceId = '' }) => registered.has(InstanceId)).map(numberOf));
    const missing = running.filter((instance) => !served.has(numberOf(instance)));
    const doomed = await interrupted(ec2, missing);
    const ended = new Set(instances.filter(isEnding).map(idOfInstance));
    await registerAll(
      elb,
      targetGroup,
      oneOfEach(missing.filter(({ InstanceId = '' }) => !doomed.has(InstanceId))).map(idOfInstance),
    );
    await leave(
      elb,
      targetGroup,
      targets.filter((target) => ended.has(idOf(target))),
    );
  };

  /** They leave the target group, drain, and end. */
  const take = async (
    service: { slots: Record<Slot, string> },
    slot: Slot,
    leaving: Instance[],
    targets: TargetHealthDescription[],
  ): Promise<number> => {
    const ids = new Set(leaving.map(idOfInstance));
    const there = await leave(
      elb,
      service.slots[slot],
      targets.filter((target) => ids.has(idOf(target))),
    );
    return there.length > 0 ? leaving.length : terminate(leaving.map(idOfInstance));
  };

  /** Answers how many are left. */
  const terminate = async (ids: string[]): Promise<number> => {
    let left = ids.length;
    for (const InstanceIds of batchesOf(ids, batch)) {
      const { TerminatingInstances = [] } = await send(ec2, new TerminateInstancesCommand({ InstanceIds }));
      left -= TerminatingInstances.filter(({ CurrentState }) => isEnding({ State: CurrentState })).length;
    }
    return left;
  };

  return {
    observe: async (service, slot) => {
      const instances = await slotInstances(ec2, service.name, slot);
      return { instances: instances.map(viewOf), number: instances.filter(isAlive).length, limits: null };
    },

    // Registers before it launches: what runs already should not wait for what may not be had.
    ensure: async (release, slot, count, proof) => {
      const there = await slotInstances(ec2, release.service, slot);
      const ours = there.filter((instance) => tagOf(instance, 'release') === release.release);
      // Those beyond the count are on their way out, if anywhere.
      await register(
        release.targetGroup,
        ours.filter((instance) => isEnding(instance) || isWithin(instance, count)),
      );
      const missing = missingNumbers(ours, count);
      if (missing.length === 0) return { launched: 0, short: null };
      const { subnets, launchTemplate } = ofInstances(release.fleet);
      if ((await proof?.()) === 'image' && release.template !== null)
        await expectConfigured(ec2, release.template, launchTemplate, ours);
      const template = release.template ?? (await resolveTemplate(ec2, launchTemplate));
      const launches = missing.slice(0, mostLaunches).map((number) => ({
        release,
        template,
        subnets,
        slot,
        number,
        after: lastEnded(ours, release, number),
      }));
      return launchAll(ec2, launches);
    },

    // Nothing scales numbered instances but their number.
    pin: async () => null,
    restore: async () => undefined,

    shrink: async (service, slot, count, carrying = 0) => {
      const alive = (await slotInstances(ec2, service.name, slot)).filter(isAlive).sort(byNumber);
      const leaving = alive.slice(count);
      if (leaving.length === 0) return { left: 0 };
      const targets = await targetsOf(elb, service.slots[slot]);
      const staying = new Set(alive.slice(0, count).map(idOfInstance));
      if (targets.filter(isHealthy).filter((target) => staying.has(idOf(target))).length < carrying)
        return { left: leaving.length, short: true };
      return { left: await take(service, slot, leaving, targets) };
    },

    // It has no requests to end: the load balancer sends it none.
    replace: async (service, slot, instance) => {
      const targets = await targetsOf(elb, service.slots[slot]);
      await leave(
        elb,
        service.slots[slot],
        targets.filter((target) => idOf(target) === instance),
      );
      await terminate([instance]);
    },

    evict: async (service, instances) => {
      const there = await leaveEach(elb, Object.values(service.slots), instances);
      await terminate(instances.filter((id) => !there.has(id)));
    },

    remove: async (service, slot) => {
      const targetGroup = service.slots[slot];
      const [instances, targets] = await Promise.all([
        slotInstances(ec2, service.name, slot),
        targetsOf(elb, targetGroup),
      ]);
      const standing = instances.filter((instance) => !isEnding(instance)).map(idOfInstance);
      // All targets leave the slot's target group, also those of a fleet from before Cutover; only instances with our tags are terminated.
      const there = await leave(elb, targetGroup, targets);
      if (there.length > 0) return { left: new Set([...standing, ...there]).size, draining: there.length };
      return { left: await terminate(standing), draining: 0 };
    },

    evidence: async (service, slot, release) => {
      const [instances, targets] = await Promise.all([
        slotInstances(ec2, service.name, slot),
        targetsOf(elb, service.slots[slot]),
      ]);
      return evidenceOf(ec2, instances, targets, release);
    },

    // A release is no version of its own here.
    tidy: async () => 0,

    template: (service) => resolveTemplate(ec2, ofInstances(service.fleet).launchTemplate),
  };
};

/** What `fleetOf` gives to this kind is of this kind. */
const ofInstances = (fleet: FleetConfiguration): InstancesFleet => fleet as InstancesFleet;

const idOfInstance = ({ InstanceId = '' }: Instance): string => InstanceId;

const isWithin = (instance: Instance, count: number): boolean => {
  const number = numberOf(instance);
  return number !== null && number <= count;
};

/** The oldest of each number. */
const oneOfEach = (instances: Instance[]): Instance[] => {
  const oldest = instances.toSorted(byLaunch);
  const numbers = oldest.map(numberOf);
  return oldest.filter((_, index) => numbers.indexOf(numbers[index] ?? null) === index);
};

const byNumber = (a: Instance, b: Instance): number => (numberOf(a) ?? 0) - (numberOf(b) ?? 0);

const missingNumbers = (instances: Instance[], count: number): number[] => {
  const taken = new Set(instances.filter(isAlive).map(numberOf));
  return Array.from({ length: count }, (_, index) => index + 1).filter((number) => !taken.has(number));
};

/** The id of the last instance of this number that the rollout is known to have lost; empty if none is. */
const lastEnded = (instances: Instance[], release: FleetRelease, number: number): string => {
  const rollout = rolloutOf(release);
  const ended = instances.filter(
    (instance) => !isAlive(instance) && tagOf(instance, 'rollout') === rollout && numberOf(instance) === number,
  );
  return ended.sort(byLaunch).at(-1)?.InstanceId ?? '';
};
