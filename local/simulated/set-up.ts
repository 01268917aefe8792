/** Makes the account look as a service's configuration expects it: everything that its ARNs and names refer to. */
import type { Service } from '../../core/configuration.ts';
import type { World } from './world.ts';
import { account, region } from './world.ts';

export interface SetUp {
  /** Seconds; AWS's default is 300. */
  deregistrationDelay?: number;
  /** Seconds between health checks, and how many in a row change a target's state. AWS's defaults. */
  healthCheck?: { interval?: number; healthy?: number; unhealthy?: number; path?: string };
  /** Zones of the subnets, in turn. */
  zones?: string[];
  /** The launch template's own tags. */
  tags?: Record<string, string>;
}

const zones = ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
const baseAmi = 'ami-0000000000000ba5e';

/** A rule's listener and load balancer, as its ARN spells them: …:listener-rule/app/<name>/<id>/<listener>/<rule>. */
const around = (rule: string) => {
  const [, prefix, balancer, listener] = /^(.+):listener-rule\/(app\/[^/]+\/[^/]+)\/([^/]+)\/[^/]+$/.exec(rule) ?? [];
  if (prefix === undefined) {
    throw new Error(
      `local cloud: expected a rule like arn:aws:elasticloadbalancing:${region}:${account}:listener-rule/app/<name>/<id>/<listener>/<rule>, found ${rule}`,
    );
  }
  return { loadBalancer: `${prefix}:loadbalancer/${balancer}`, listener: `${prefix}:listener/${balancer}/${listener}` };
};

/** Creates what is not there yet; blue has all weight. Rules of one listener share it, and listeners of one load balancer that. */
export const setUp = (world: World, service: Service, options: SetUp = {}): void => {
  const { interval = 30, healthy = 5, unhealthy = 2, path = '/health' } = options.healthCheck ?? {};
  for (const arn of Object.values(service.slots)) {
    world.targetGroups.set(arn, {
      arn,
      port: 8080,
      check: { interval: interval * 1000, healthy, unhealthy, path },
      deregistrationDelay: (options.deregistrationDelay ?? 300) * 1000,
      targets: new Map(),
      namedBy: 0,
      routing: undefined,
      counts: new Map(),
    });
  }
  for (const [index, arn] of service.rules.entries()) {
    const { loadBalancer, listener } = around(arn);
    if (!world.listeners.has(listener))
      world.listeners.set(listener, { arn: listener, loadBalancer, port: index === 0 ? 443 : 79 + index });
    const rule = { arn, listener, priority: String(world.rules.size + 1), actions: [], routes: [] };
    world.rules.set(arn, rule);
    const TargetGroups = [
      { TargetGroupArn: service.slots.blue, Weight: 100 },
      { TargetGroupArn: service.slots.green, Weight: 0 },
    ];
    world.setActions(rule, [
      { Type: 'forward', Order: 1, ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: false } } },
    ]);
  }
  const { launchTemplate, subnets } = service.fleet;
  const isId = launchTemplate.startsWith('lt-');
  world.amis.set(baseAmi, { id: baseAmi, name: 'base', owner: 'amazon', state: 'available', madeAt: 0 });
  world.templates.set(launchTemplate, {
    id: isId ? launchTemplate : world.newId('lt-'),
    name: isId ? service.name : launchTemplate,
    versions: [{ ami: baseAmi, tags: options.tags ?? {} }],
  });
  const inTurn = options.zones ?? zones;
  for (const [index, id] of subnets.entries()) {
    if (!world.subnets.has(id)) world.subnets.set(id, { id, zone: inTurn[index % inTurn.length] as string });
  }
  if (service.image.kind === 'ecr' && !world.repositories.has(service.image.repository))
    world.repositories.set(service.image.repository, []);
  const since = world.time.now() - 86_400_000;
  for (const name of service.checks.alarms) {
    if (!world.alarms.has(name))
      world.alarms.set(name, { name, kind: 'MetricAlarm', state: 'OK', reason: '', since, dataFrom: since });
  }
};
