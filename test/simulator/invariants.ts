/** What must be so after every change in the world, looked at beside the product: in the account, in the row, and in what each invocation had seen. */

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { allOn, type Slot, slots, type Weights } from '../../core/basics/slot.ts';
import type { Row } from '../../core/protocol/row.ts';
import type { Publication } from '../../core/release/publications.ts';
import { forwardsOf } from '../../local/simulated/load-balancing.ts';
import type { Instance } from '../../local/simulated/resources.ts';
import type { Failed } from '../../local/traffic.ts';
import type { Fault } from './faults.ts';
import type { Invocation } from './invocations.ts';
import { watchRequests } from './requests.ts';
import { watchRows } from './rows.ts';
import { needed } from './safety.ts';
import type { Scenario } from './scenario.ts';
import { type Call, isUp, type Stage } from './stage.ts';

/** Milliseconds that a look at a fleet is good for. */
const fresh = 30_000;

/** What clocks may be off, and weights may take, beyond what is waited for. */
const skew = 31_000;

/** What changes the account, as a step of the holder may do it. */
const effects = new Set([
  'ModifyRule',
  'RunInstances',
  'TerminateInstances',
  'RegisterTargets',
  'DeregisterTargets',
  'UpdateAutoScalingGroup',
  'SuspendProcesses',
  'ResumeProcesses',
  'CreateLaunchTemplateVersion',
]);

export interface Watched {
  /** Before a call has its effect, when it is sent. */
  sent(call: Call): void;
  /** A call that removes something: just before it has its effect. */
  lands(call: Call): void;
  /** After its answer. */
  answered(call: Call, answer: unknown): void;
  wrote(before: Row | null, after: Row, by: Invocation | undefined, sent: number): void;
  launched(instance: Instance): void;
  failed(failed: Failed): void;
  /** Every publication that has been in the row. */
  publications: ReadonlyMap<string, Publication>;
  /** Weights that were decided, and those that what truly answered did not carry: what had been seen was old by up to 30 s. */
  decisions: Readonly<{ all: number; untrue: number }>;
  /** What was wrong, in the order in which it happened. */
  violations: string[];
}

interface Removal {
  slot: Slot;
  ids: string[];
}

const name = (by: Invocation | undefined): string => (by === undefined ? 'somebody' : `${by.name}#${by.id}`);

/** `struck`: the faults that have struck so far. */
export const watch = (stage: Stage, first: Row, scenario: Scenario, struck: () => readonly Fault[]): Watched => {
  const { cloud, service, time } = stage;
  const { world } = cloud;
  const violations: string[] = [];
  const say = (rule: string, text: string): void => {
    const line = `${rule}: ${text}`;
    if (!violations.includes(line)) violations.push(line);
  };
  const rows = watchRows(stage, first, say, fresh);
  const actionsAtFirst = new Map(service.rules.map((arn) => [arn, frame(world.rules.get(arn)?.actions ?? [])]));

  const weightsOf = (actions: Action[]): Weights => {
    const weights = allOn('blue');
    for (const slot of slots)
      weights[slot] = forwardsOf(actions).find(({ targetGroup }) => targetGroup === service.slots[slot])?.weight ?? 0;
    return weights;
  };
  const slotOfGroup = (group: string | undefined): Slot | undefined =>
    service.fleet.kind !== 'groups' ? undefined : group === service.fleet.blue ? 'blue' : 'green';
  const slotOf = (arn: string | undefined): Slot => (arn === service.slots.blue ? 'blue' : 'green');

  /** Found unhealthy when they were taken out one by one: no request was sent to them any more. */
  const unhealthy = new Set<string>();
  /** One alone that has died is replaced, whatever its slot's weight. */
  const isReplaced = ([id = '', ...others]: string[], slot?: Slot): boolean => {
    const group = slot === undefined ? undefined : world.targetGroups.get(service.slots[slot]);
    if (group !== undefined && world.targetsNow(group).get(id)?.state === 'unhealthy') unhealthy.add(id);
    return others.length === 0 && (world.instances.get(id)?.answers === false || unhealthy.has(id));
  };

  /** Launched when the count was higher, and no target yet when it was lowered again: nobody is served by it. */
  const isSurplus = (slot: Slot, id: string): boolean =>
    isDrained(slot, id) && Number(world.instances.get(id)?.tags['cutover:number']) > stage.counts.now;

  /** What a call takes away of a slot that serves or could: not what is dead, or on its way out anyway. */
  const removalBy = ({ command, input }: Call): Removal | undefined => {
    const staying = (ids: string[]): string[] =>
      ids.filter((id) => {
        const instance = world.instances.get(id);
        return instance !== undefined && isUp(instance) && !instance.interrupted;
      });
    if (command === 'DeregisterTargets') {
      const { TargetGroupArn, Targets = [] } = input as { TargetGroupArn: string; Targets?: { Id?: string }[] };
      const [slot, ids] = [slotOf(TargetGroupArn), Targets.map(({ Id = '' }) => Id)];
      return isReplaced(ids, slot) ? undefined : { slot, ids: staying(ids) };
    }
    if (command === 'TerminateInstances') {
      const { InstanceIds = [] } = input as { InstanceIds?: string[] };
      if (isReplaced(InstanceIds)) return undefined;
      const slot = world.instances.get(InstanceIds[0] ?? '')?.tags['cutover:slot'] === 'green' ? 'green' : 'blue';
      return { slot, ids: staying(InstanceIds).filter((id) => !isSurplus(slot, id)) };
    }
    if (command !== 'UpdateAutoScalingGroup') return undefined;
    const { AutoScalingGroupName, DesiredCapacity } = input as {
      AutoScalingGroupName: string;
      DesiredCapacity?: number;
    };
    const group = world.autoScalingGroups.get(AutoScalingGroupName);
    const slot = slotOfGroup(AutoScalingGroupName);
    if (group === undefined || slot === undefined || DesiredCapacity === undefined) return undefined;
    const members = [...group.members.values()].filter(({ instance }) => isUp(instance));
    return {
      slot,
      ids: members.slice(0, Math.max(0, group.desired - DesiredCapacity)).map(({ instance }) => instance.id),
    };
  };

  const heaviest = (slot: Slot): number =>
    Math.max(
      ...service.rules.flatMap((arn) => {
        const now =
          world.effectiveWeights(arn).find(({ targetGroup }) => targetGroup === service.slots[slot])?.weight ?? 0;
        return [now, weightsOf(world.rules.get(arn)?.actions ?? [])[slot]];
      }),
    );

  const isDrained = (slot: Slot, id: string): boolean => {
    const group = world.targetGroups.get(service.slots[slot]);
    return group === undefined || !world.targetsNow(group).has(id);
  };

  /** Rule 4, and rule 3 where a fleet makes room for another. */
  const removing = (call: Call, { slot, ids }: Removal): void => {
    const { by, command } = call;
    const row = rows.now();
    if (ids.length === 0) return;
    const weight = Math.max(row.wanted.weights[slot], heaviest(slot));
    const kept = seenIn(by, slot).filter((id) => !ids.includes(id)).length;
    const makesRoom = row.plan?.configuration.maxExtra != null;
    const what = `${name(by)} takes ${ids.length} of ${slot} by ${command}`;
    if (command === 'TerminateInstances' && service.fleet.kind === 'instances')
      for (const id of ids) if (!isDrained(slot, id)) say('R4', `${what}: ${id} is still a target`);
    if (makesRoom && (weight > 0 || row.phase !== 'rollingBack')) {
      // What does not come back within the time that instances have holds up no fix.
      const isOverdue = time.now() > row.wanted.since + service.checks.readyWithin * 1000;
      if (weight > 0 && !isOverdue && kept * 4 < needed(stage.counts.least, weight) * 3)
        say('R3', `${what}, ${kept} healthy ones stay for ${weight} %`);
      return;
    }
    if (weight > 0) say('R4', `${what} under a weight of ${weight}`);
    const { since, edited = since } = row.wanted;
    const quietAt = Math.max(since, edited) + service.timing.settling * 1000;
    if (time.now() + skew < quietAt)
      say('R4', `${what} ${Math.round((quietAt - time.now()) / 1000)} s before it is quiet`);
    if (by !== undefined && by.name !== 'person')
      for (const arn of service.rules)
        if (by.rules.get(arn)?.[slot] !== 0)
          say('R4', `${what} and has not read back that ${arn.slice(-16)} gives it 0`);
  };

  /** As whoever takes some away has just seen it; the truth where it has not looked. */
  const seenIn = (by: Invocation | undefined, slot: Slot): string[] => {
    const look = by?.looks[slot];
    return look !== undefined && time.now() - look.at <= fresh ? look.healthy : healthyIn(slot);
  };

  const healthyIn = (slot: Slot): string[] => {
    const group = world.targetGroups.get(service.slots[slot]);
    if (group === undefined) return [];
    return [...world.targetsNow(group)]
      .filter(([, { state, gone }]) => state === 'healthy' && gone === Infinity)
      .map(([id]) => id);
  };

  const applied = ({ by, input }: Call): void => {
    const { RuleArn, Actions } = input as { RuleArn: string; Actions: Action[] };
    const weights = weightsOf(Actions);
    const wanted = by?.row?.wanted.weights;
    if (wanted !== undefined && (wanted.blue !== weights.blue || wanted.green !== weights.green))
      say('R1', `${name(by)} sets ${textOf(weights)} where the row, as it has read it, says ${textOf(wanted)}`);
    const first = actionsAtFirst.get(RuleArn);
    if (first !== undefined && frame(Actions) !== first)
      say('R7', `${name(by)} changes more of a rule than its weights: ${frame(Actions)} was ${first}`);
  };

  return {
    violations,
    publications: rows.publications,
    decisions: rows.decisions,
    wrote: rows.wrote,
    failed: watchRequests({ stage, scenario, struck, say }),
    sent: (call) => {
      const { command, by } = call;
      if (!effects.has(command)) return;
      if (command === 'ModifyRule') applied(call);
      if (by !== undefined && by.token !== null) rows.acts(by, command);
      const removal = removalBy(call);
      if (removal !== undefined) removing(call, removal);
    },
    lands: (call) => {
      const removal = removalBy(call);
      const row = rows.now();
      if (removal === undefined || removal.ids.length === 0 || row.plan?.configuration.maxExtra != null) return;
      const weight = heaviest(removal.slot);
      if (weight > 0)
        say('R4', `${call.command} of ${name(call.by)} lands in ${removal.slot} under a weight of ${weight}`);
    },
    answered: ({ command, input, by }, answer) => {
      if (by === undefined) return;
      if (command === 'DescribeTargetHealth') {
        const { TargetHealthDescriptions = [] } = answer as Health;
        const healthy = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy');
        by.looks[slotOf((input as { TargetGroupArn?: string }).TargetGroupArn)] = {
          at: time.now(),
          healthy: healthy.map(({ Target }) => Target?.Id ?? ''),
        };
      }
      if (command === 'DescribeRules')
        for (const { RuleArn = '', Actions = [] } of (answer as { Rules?: { RuleArn?: string; Actions?: Action[] }[] })
          .Rules ?? [])
          by.rules.set(RuleArn, weightsOf(Actions));
    },
    launched: ({ id, tags }) => {
      const slot = tags['cutover:slot'];
      for (const other of world.instances.values()) {
        if (other.id === id || !isUp(other) || other.tags['cutover:slot'] !== slot) continue;
        if (other.tags['cutover:release'] !== tags['cutover:release'])
          say('R10', `${tags['cutover:release']} is launched in ${slot} beside ${other.tags['cutover:release']}`);
        const number = tags['cutover:number'];
        if (number !== undefined && other.tags['cutover:number'] === number)
          say('R5', `number ${number} of ${slot} is launched twice`);
      }
    },
  };
};

interface Health {
  TargetHealthDescriptions?: { Target?: { Id?: string }; TargetHealth?: { State?: string } }[];
}

/** All of a rule's actions but the weights. */
const frame = (actions: Action[]): string =>
  JSON.stringify(
    actions.map(({ ForwardConfig, TargetGroupArn: _, ...rest }) => ({
      ...rest,
      AuthenticateOidcConfig: rest.AuthenticateOidcConfig && {
        ...rest.AuthenticateOidcConfig,
        UseExistingClientSecret: undefined,
      },
      sticky: ForwardConfig?.TargetGroupStickinessConfig,
      groups: ForwardConfig?.TargetGroups?.map(({ TargetGroupArn }) => TargetGroupArn).sort(),
    })),
  );

const textOf = ({ blue, green }: Weights): string => `blue ${blue}, green ${green}`;
