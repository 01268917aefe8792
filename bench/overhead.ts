/** What the pipeline adds to a rollout, and how its work grows with the fleet. Counted in virtual time, with every Lambda invocation cold. */
import { latencies } from '../local/latencies.ts';
import { createStory } from '../test/build.ts';

const fleetOf = (count: number) => ({
  kind: 'instances',
  launchTemplate: 'lt-0shop0000000000',
  subnets: ['subnet-a', 'subnet-b', 'subnet-c'],
  count,
});

/** The calls that are allowed to grow with the fleet: pages, and batches of what is done per instance. */
const perInstance = [
  'ec2:RunInstances',
  'ec2:TerminateInstances',
  'ec2:DescribeInstances',
  'elbv2:RegisterTargets',
  'elbv2:DeregisterTargets',
];

/** Counts of one canary rollout v1 → v2 of a fleet, whole fleet launched up front so that boot time is equal. */
const rolloutOf = async (count: number) => {
  const story = await createStory({
    service: { fleet: fleetOf(count), growth: 'upfront' },
    latency: { ...latencies, idle: -1 },
  });
  story.push('v1');
  await story.rest();
  await story.after(600);
  const calls = new Map(story.cloud.calls);
  const invocations = story.cloud.invocations();
  story.push('v2');
  await story.rest();
  const [name] = [...story.statuses.keys()].slice(-1);
  const history = story.cloud.machine.history(name as string);
  const spent = [...story.cloud.calls].map(([call, n]) => [call, n - (calls.get(call) ?? 0)] as const);
  const sum = (which: (call: string) => boolean) =>
    spent.filter(([call]) => which(call)).reduce((all, [, n]) => all + n, 0);
  const events = await story.events();
  const of = (kind: string) => events.findLast((event) => event.kind === kind)?.at ?? 0;
  return {
    count,
    transitions: history.filter(({ type }) => type.endsWith('StateEntered')).length,
    events: history.length,
    invocations: story.cloud.invocations() - invocations,
    fixed: sum((call) => !perInstance.includes(call)),
    growing: sum((call) => perInstance.includes(call)),
    seconds: (of('finished') - of('published')) / 1000,
    bakes: story.service.strategy.steps.reduce((all, { bake }) => all + bake, 0),
  };
};

export const overheadBench = async (): Promise<void> => {
  const [one] = await Promise.all([rolloutOf(4)]);
  // Boot until the load balancer counts the instance as healthy; weights until every node has them, once; draining in full.
  const boot = (latencies.boot + latencies.firstHealthCheck + 30_000) / 1000;
  const propagation = latencies.weightPropagation / 1000;
  const drain = 300;
  const other = one.seconds - boot - one.bakes - propagation - drain;
  console.log(
    `added by the pipeline           ${other.toFixed(0)} s of ${one.seconds.toFixed(0)} s (${((100 * other) / one.seconds).toFixed(1)} %), beyond boot ${boot} s (to the first passed check), bakes ${one.bakes} s, propagation ${propagation} s, drain ${drain} s; every invocation cold`,
  );
  console.log('fleet   transitions   history events   invocations   fixed calls   calls that may grow');
  for (const fleet of [one, await rolloutOf(40), await rolloutOf(400)])
    console.log(
      `${String(fleet.count).padStart(5)}${String(fleet.transitions).padStart(14)}${String(fleet.events).padStart(17)}${String(fleet.invocations).padStart(14)}${String(fleet.fixed).padStart(14)}${String(fleet.growing).padStart(22)}`,
    );
};
